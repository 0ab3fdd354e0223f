"""Import names of existing provider scripts."""

from __future__ import annotations

import dss_client
import itksnap_dss


def test_names_can_be_imported_from_the_modules_of_the_original() -> None:
    from itksnap_dss.itksnap_dss import DSSClient
    from itksnap_dss.itksnap_ws import WorkspaceWrapper
    from itksnap_dss.registry import Registry, RegistryValue

    assert DSSClient is itksnap_dss.DSSClient is dss_client.DSSClient
    assert WorkspaceWrapper is itksnap_dss.WorkspaceWrapper
    assert Registry is itksnap_dss.Registry
    assert isinstance(Registry()["Version"], RegistryValue)
