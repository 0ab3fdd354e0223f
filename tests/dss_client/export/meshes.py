"""Small meshes in the formats that VTK writes."""

VTK = b"""# vtk DataFile Version 4.2
%s
ASCII
DATASET POLYDATA
POINTS 3 float
0 0 0 1 0 0 0 1 0
METADATA
INFORMATION 1
NAME L2_NORM_RANGE LOCATION vtkDataArray
DATA 2 0 1.5

POLYGONS 1 4
3 0 1 2

POINT_DATA 3
SCALARS Thickness float
LOOKUP_TABLE default
1 2 3
"""
VTP = b"""<?xml version="1.0"?>
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
  <PolyData>
    <FieldData>
      <DataArray type="Int8" Name="Note" NumberOfTuples="1" format="ascii">%s</DataArray>
    </FieldData>
    <Piece NumberOfPoints="3" NumberOfVerts="0" NumberOfLines="0" NumberOfStrips="0" \
NumberOfPolys="1">
      <PointData Scalars="Thickness">
        <DataArray type="Float32" Name="Thickness" format="ascii" RangeMin="1" RangeMax="3">
          1 2 3
        </DataArray>
      </PointData>
      <Points>
        <DataArray type="Float32" Name="Points" NumberOfComponents="3" format="ascii">
          0 0 0 1 0 0 0 1e-3 0
          <InformationKey name="L2_NORM_RANGE" location="vtkDataArray" length="1">
            <Value index="0">1</Value>
          </InformationKey>
        </DataArray>
      </Points>
      <Polys>
        <DataArray type="Int64" Name="connectivity" format="appended" offset="0"/>
        <DataArray type="Int64" Name="offsets" format="appended" offset="32"/>
      </Polys>
    </Piece>
  </PolyData>
  <AppendedData encoding="raw">
   _\x18\0\0\0<!-- numbers -->\0\xff</FieldData>
  </AppendedData>
</VTKFile>
"""
