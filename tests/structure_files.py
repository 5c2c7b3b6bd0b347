"""Structure files that the tests write: every trouble of real deposits on a few atoms."""

ATOM_SITE = """\
group_PDB id type_symbol label_atom_id label_alt_id label_comp_id label_asym_id label_entity_id label_seq_id
pdbx_PDB_ins_code Cartn_x Cartn_y Cartn_z occupancy B_iso_or_equiv auth_seq_id auth_asym_id pdbx_PDB_model_num"""

# element, atom, alternate location, residue, label chain, entity, label number, insertion code, x, occupancy,
# author number, author chain, model
ROWS = """\
N  N   . MET A 1 1 ? 0.0  1.00 10 X 1
C  CA  . MET A 1 1 ? 1.0  1.00 10 X 1
H  HA  . MET A 1 1 ? 1.5  1.00 10 X 1
D  D   . MET A 1 1 ? 1.6  1.00 10 X 1
S  SD  A MET A 1 1 ? 2.0  0.30 10 X 1
S  SD  B MET A 1 1 ? 2.1  0.70 10 X 1
C  CA  . ALA A 1 2 A 3.0  1.00 10 X 1
C  CA  A ALA A 1 3 B 4.0  0.50 10 X 1
C  CA  B ALA A 1 3 B 4.1  0.50 10 X 1
C  CA  A SER A 1 4 ? 5.0  0.40 11 X 1
O  OG  A SER A 1 4 ? 5.2  0.40 11 X 1
C  CA  B GLY A 1 4 ? 5.1  0.60 11 X 1
SE SE  . MSE B 1 1 ? 6.0  0.00 10 Y 1
ZN ZN  . ZN  C 2 . ? 7.0  1.00 99 X 1
O  O   . HOH D 3 . ? 8.0  1.00 100 X 1
O  O   . DOD D 3 . ? 8.5  1.00 101 X 1
N  N   . MET A 1 1 ? 50.0 1.00 10 X 2
"""
KEPT_X = [0.0, 1.0, 2.1, 3.0, 4.0, 5.1, 7.0, 6.0]  # chain X with its ligand, then chain Y

HEADER = """\
data_9XYZ
_entry.id 9XYZ
loop_
_entity.id
_entity.type
_entity.pdbx_description
1 polymer 'Proteasome subunit alpha'
2 non-polymer 'ZINC ION'
3 water water
loop_
_pdbx_struct_assembly.id
_pdbx_struct_assembly.details
_pdbx_struct_assembly.method_details
_pdbx_struct_assembly.oligomeric_details
_pdbx_struct_assembly.oligomeric_count
1 author_defined_assembly ? ? ?
2 author_defined_assembly ? ? ?
loop_
_pdbx_struct_assembly_gen.assembly_id
_pdbx_struct_assembly_gen.oper_expression
_pdbx_struct_assembly_gen.asym_id_list
1 1   A,B,C,D
2 1,2 A,C
loop_
_pdbx_struct_oper_list.id
_pdbx_struct_oper_list.type
_pdbx_struct_oper_list.matrix[1][1]
_pdbx_struct_oper_list.matrix[1][2]
_pdbx_struct_oper_list.matrix[1][3]
_pdbx_struct_oper_list.vector[1]
_pdbx_struct_oper_list.matrix[2][1]
_pdbx_struct_oper_list.matrix[2][2]
_pdbx_struct_oper_list.matrix[2][3]
_pdbx_struct_oper_list.vector[2]
_pdbx_struct_oper_list.matrix[3][1]
_pdbx_struct_oper_list.matrix[3][2]
_pdbx_struct_oper_list.matrix[3][3]
_pdbx_struct_oper_list.vector[3]
1 identity 1 0 0 0 0 1 0 0 0 0 1 0
2 rotation -1 0 0 0 0 -1 0 30 0 0 1 0
"""


def atom_rows(rows: str) -> str:
    lines = []
    for serial, row in enumerate(rows.splitlines(), start=1):
        element, name, alt, residue, asym, entity, number, code, x, occupancy, author, chain, model = row.split()
        group = "ATOM" if entity == "1" else "HETATM"
        place = f"{group} {serial} {element} {name} {alt} {residue} {asym} {entity} {number} {code}"
        lines.append(f"{place} {x} 2.0 3.0 {occupancy} 20.0 {author} {chain} {model}")
    return "\n".join(lines) + "\n"


def mmcif(rows: str = ROWS, header: str = HEADER) -> str:
    tags = "\n".join(f"_atom_site.{tag}" for tag in ATOM_SITE.split())
    return f"{header}loop_\n{tags}\n{atom_rows(rows)}#\n"


def pdb_line(record, serial, name, alt, residue, chain, number, code, x, occupancy, element):
    return (
        f"{record:6s}{serial:5d} {name:4s}{alt:1s}{residue:>3s} {chain}{number:4d}{code:1s}   "
        f"{x:8.3f}{2.0:8.3f}{3.0:8.3f}{occupancy:6.2f}{20.0:6.2f}          {element:>2s}\n"
    )


PDB = "".join(
    [
        "HEADER    HYDROLASE                               01-JAN-00   9XYZ              \n",
        "COMPND    MOL_ID: 1;\n",
        "COMPND   2 MOLECULE: PROTEASOME SUBUNIT\n",
        "COMPND   3 ALPHA;\n",
        "COMPND   4 CHAIN: A, B;\n",
        "COMPND   5 MOL_ID: 2;\n",
        "COMPND   6 MOLECULE: ACTIVATOR;\n",
        "COMPND   7 CHAIN: C\n",
        "MODEL        1\n",
        # older files interleave the alternatives atom by atom
        pdb_line("ATOM", 1, " N", "A", "SER", "A", 1, "", 0.0, 0.4, "N"),
        pdb_line("ATOM", 2, " N", "B", "GLY", "A", 1, "", 0.1, 0.6, "N"),
        pdb_line("ATOM", 3, " CA", "A", "SER", "A", 1, "", 1.0, 0.4, "C"),
        pdb_line("ATOM", 4, " CA", "B", "GLY", "A", 1, "", 1.1, 0.6, "C"),
        pdb_line("ATOM", 5, " OG", "A", "SER", "A", 1, "", 1.2, 0.4, "O"),
        pdb_line("ATOM", 6, " N", "", "ALA", "A", 1, "A", 2.0, 1.0, "N"),
        pdb_line("ATOM", 7, " HN", "", "ALA", "A", 1, "A", 2.5, 1.0, "H"),
        pdb_line("ATOM", 8, " CA", "", "ALA", "A", 1, "A", 3.0, 1.0, "C"),
        "TER\n",
        pdb_line("ATOM", 9, " CA", "", "TRP", "C", 1, "", 4.0, 1.0, "C"),
        "TER\n",
        pdb_line("HETATM", 10, "ZN", "", "ZN", "A", 201, "", 5.0, 1.0, "ZN"),
        pdb_line("HETATM", 11, " O", "", "HOH", "A", 301, "", 6.0, 1.0, "O"),
        "ENDMDL\n",
        "MODEL        2\n",
        pdb_line("ATOM", 1, " N", "", "GLY", "A", 1, "", 50.0, 1.0, "N"),
        "ENDMDL\n",
        "END\n",
    ]
)
