"""Loading images, and auditing them before use."""

from skfer.datasets._audit import audit_images
from skfer.datasets._copies import find_copies, find_look_alikes
from skfer.datasets._faces import make_faces
from skfer.datasets._fer2013 import load_fer2013
from skfer.datasets._finding import Finding
from skfer.datasets._image_audit import ImageAudit
from skfer.datasets._image_folder import load_image_folder
from skfer.datasets._image_table import ImageTable
from skfer.datasets._propose_groups import GroupProposal, propose_groups
from skfer.datasets._read_images import read_images
from skfer.datasets._read_video import read_video

__all__ = [
    "Finding",
    "GroupProposal",
    "ImageAudit",
    "ImageTable",
    "audit_images",
    "find_copies",
    "find_look_alikes",
    "load_fer2013",
    "load_image_folder",
    "make_faces",
    "propose_groups",
    "read_images",
    "read_video",
]
