import subprocess
import sys

import pytest

HEAVY = (
    *("pandas", "numpy", "keyring", "tqdm", "SimpleITK", "PIL", "IPython", "werkzeug", "yaml"),
    *("cattrs", "urllib3", "http.client", "ssl"),
    *("dss_api.models", "dss_api.requests", "dss_api.routes"),
)


@pytest.mark.parametrize("package", ["dss_client", "itksnap_dss"])
def test_importing_the_client_loads_nothing_that_it_may_not_need(package: str) -> None:
    script = f"import sys, {package}\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []


def test_the_original_import_name_gives_the_same_client() -> None:
    import dss_client
    import itksnap_dss

    assert itksnap_dss.DSSClient is dss_client.DSSClient
