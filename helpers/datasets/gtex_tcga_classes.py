"""Names and organs of the classes of GTEx and TCGA.

A class of GTEx is named after the detailed tissue (``SMTSD``): every run of other characters than
letters and digits becomes ``_``, so "Brain - Cortex" is ``GTEx_Brain_Cortex``. A class of TCGA is
``TCGA_`` and the code of its project. The paper has these prefixes too; it prints no list of its
codes.

An organ is what normal tissue and cancer are compared within. It is the organ that a tumour arises
in, also where GTEx has no tissue of it: then the tumour is compared with nothing. Cell lines are
no organ's tissue and have organs of their own.
"""

from __future__ import annotations

import re

GTEX, TCGA = "GTEx_", "TCGA_"

TISSUE_ORGANS = {
    "Adipose": "adipose_tissue",
    "Artery": "blood_vessel",
    "Minor Salivary Gland": "salivary_gland",
    "Muscle": "skeletal_muscle",
    "Nerve": "peripheral_nerve",
    "Whole Blood": "blood",
}
"""Organ by what stands before " - " in a detailed tissue; others are named as they stand there."""

CELLS = "Cells - "
CELL_LINES = {
    "fibroblasts": "fibroblasts",
    "lymphocytes": "lymphocytes",
    "leukemia": "leukaemia_cell_line",
}
"""Organ of a cell line by a word of its name, which GTEx's releases do not write alike."""

PROJECT_ORGANS = {
    "ACC": "adrenal_gland",
    "BLCA": "bladder",
    "BRCA": "breast",
    "CESC": "cervix",
    "CHOL": "bile_duct",
    "COAD": "colon",
    "DLBC": "lymph_node",
    "ESCA": "esophagus",
    "GBM": "brain",
    "HNSC": "head_and_neck",
    "KICH": "kidney",
    "KIRC": "kidney",
    "KIRP": "kidney",
    "LAML": "bone_marrow",
    "LGG": "brain",
    "LIHC": "liver",
    "LUAD": "lung",
    "LUSC": "lung",
    "MESO": "pleura",
    "OV": "ovary",
    "PAAD": "pancreas",
    "PCPG": "paraganglia",
    "PRAD": "prostate",
    "READ": "rectum",
    "SARC": "soft_tissue",
    "SKCM": "skin",
    "STAD": "stomach",
    "TGCT": "testis",
    "THCA": "thyroid",
    "THYM": "thymus",
    "UCEC": "uterus",
    "UCS": "uterus",
    "UVM": "eye",
}
"""Organ of each of TCGA's 33 projects."""


def gtex_class(tissue: str) -> str:
    """Return the class of a detailed tissue: "Brain - Cortex" → ``GTEx_Brain_Cortex``."""
    return GTEX + _slug(tissue)


def gtex_organ(tissue: str) -> str:
    """Return the organ of a detailed tissue: "Brain - Cortex" → ``brain``."""
    if tissue.startswith(CELLS):
        return next(
            (CELL_LINES[word] for word in CELL_LINES if word in tissue.lower()), "cell_line"
        )
    part = tissue.partition(" - ")[0].strip()
    return TISSUE_ORGANS.get(part, _slug(part).lower())


def tcga_class(project: str) -> str:
    """Return the class of a project: LIHC → ``TCGA_LIHC``."""
    return TCGA + project


def tcga_organ(project: str) -> str:
    """Return the organ that a project's tumours arise in; of an unknown project, its code."""
    return PROJECT_ORGANS.get(project, project.lower())


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
