"""The models of `projects`, each in the file of its subject."""

from projects.contracts import Batch, Contract, ContractParty
from projects.projects import Project, ProjectAmount, ProjectInvestor, ProjectStageChange, ProjectStatusChange
from projects.zones import Zone

__all__ = [
    "Batch",
    "Contract",
    "ContractParty",
    "Project",
    "ProjectAmount",
    "ProjectInvestor",
    "ProjectStageChange",
    "ProjectStatusChange",
    "Zone",
]
