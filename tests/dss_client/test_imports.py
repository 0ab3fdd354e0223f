import importlib
import subprocess
import sys

import pytest

LAZY_MODULES = (
    *("pandas", "numpy", "keyring", "tqdm", "SimpleITK", "PIL", "IPython", "werkzeug", "yaml"),
    *("cattrs", "urllib3", "http.client", "ssl"),
    *("dss_api.models", "dss_api.requests", "dss_api.routes"),
    *("dss_client.workspace", "dss_client.snapshots", "dss_client.export"),
)


@pytest.mark.parametrize("package", ["dss_client", "itksnap_dss"])
def test_importing_the_package_loads_no_heavy_modules(package: str) -> None:
    script = (
        f"import sys, {package}\nprint(*[name for name in {LAZY_MODULES} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []


@pytest.mark.parametrize("package", ["dss_client", "itksnap_dss"])
def test_every_public_name_can_be_imported(package: str) -> None:
    module = importlib.import_module(package)

    assert all(getattr(module, name) is not None for name in module.__all__)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nonsense'"):
        module.nonsense  # noqa: B018


def test_original_import_name_gives_the_same_class() -> None:
    import dss_client
    import itksnap_dss

    assert itksnap_dss.DSSClient is dss_client.DSSClient
