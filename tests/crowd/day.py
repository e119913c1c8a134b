"""The bad day: which services and jobs fail, why, and how often. No task is here, only what each is made from.

A *cohort* is a set of tasks that are alike: of one definition, stopped for one reason. A thousand tasks in a row hold every cohort
as often as its weight says, so a task's cohort follows from its number alone.
"""

from dataclasses import dataclass

BLOCK = 1000
MINUTE, HOUR, DAY = 60, 3600, 86400
# How far a task came before it ended.
SECRETS, PULL, RUN = "secrets", "pull", "run"
# When the present releases were made, and those before; both seconds before now.
RELEASE, RELEASE_BEFORE = 29 * MINUTE, 3 * DAY
# Since when each fault is there.
RIGHT_REMOVED, ROUTE_DELETED, GROUPS_DELETED = 70 * MINUTE, 90 * MINUTE, 2 * HOUR

IMAGE, SECRET, ROUTE, GROUP, MEMORY, CRASH = (
    "image-tag-not-found", "secret-access-denied", "no-egress-route", "log-group-missing", "out-of-memory", "application-error",
)  # fmt: skip
CAUSES = (IMAGE, SECRET, ROUTE, GROUP, MEMORY, CRASH)
BY_USER, REPLACED, SCALED_IN = "stopped-by-user", "replaced-by-deployment", "scaled-in"


@dataclass(frozen=True)
class Work:
    """A service, or a family of tasks that something else starts."""

    name: str
    cause: str
    repository: str
    # Of its two revisions.
    tags: tuple[str, str] = ("v1.8.0", "v1.9.0")
    # Who starts it, if it is no service.
    started_by: str | None = None
    is_service: bool = True
    execution_role: str = "app-execution"

    @property
    def family(self) -> str:
        return f"shop-{self.name}" if self.is_service else self.name

    @property
    def group(self) -> str:
        return f"service:{self.name}" if self.is_service else f"family:{self.family}"

    @property
    def log_group(self) -> str:
        return f"/ecs/{self.name}" if self.cause == GROUP else f"/ecs/{self.repository}"

    @property
    def secret(self) -> str | None:
        return f"shop/{self.name}/database" if self.cause == SECRET else None


SERVICES = [
    Work("storefront", IMAGE, "storefront", ("v1.9.1", "v1.9.2")),
    Work("catalog", IMAGE, "catalog", ("v3.0.0-rc1", "v3.0.0")),
    Work("payments", SECRET, "payments", execution_role="payments-execution"),
    Work("ledger", SECRET, "payments", execution_role="ledger-execution"),
    Work("ingest", ROUTE, "ingest"),
    Work("tracker", ROUTE, "ingest"),
    Work("search", GROUP, "discovery"),
    Work("mailer", GROUP, "discovery"),
    Work("reports", MEMORY, "reports"),
    Work("thumbnails", MEMORY, "reports"),
    Work("billing", CRASH, "billing"),
    Work("orders", CRASH, "billing"),
]
JOBS = [
    Work("nightly-export", IMAGE, "jobs", ("2026-01-30", "2026-01-31"), "chronos-schedule/nightly-export", False),
    Work("cache-warm", IMAGE, "jobs", ("warm-1", "warm-2"), None, False),
    Work("rates-sync", SECRET, "jobs", started_by="chronos-schedule/rates-sync", is_service=False, execution_role="rates-execution"),
    Work("invoice-run", ROUTE, "jobs", started_by="AWS Step Functions", is_service=False),
    Work("data-backfill", GROUP, "jobs", started_by="AWS Step Functions", is_service=False),
    Work("model-train", MEMORY, "jobs", started_by="notebook", is_service=False),
    Work("audit-scan", CRASH, "jobs", started_by="events-rule/audit-scan", is_service=False),
    Work("db-migrate", CRASH, "jobs", started_by="ci/deploy", is_service=False),
]  # fmt: skip
ALL = SERVICES + JOBS
# Tags that were pushed. Those of the image cohorts never were.
PUSHED = dict.fromkeys(sorted({work.repository for work in ALL}), ("v1.8.0", "v1.9.0"))
EXECUTION_ROLES = sorted({work.execution_role for work in ALL})
# How many tasks a service wants, and of each its revision that runs: a service without one does not run at all.
DESIRED = 4
RUNNING = {
    "payments": (0, 3), "ledger": (0, 4), "ingest": (0, 2), "tracker": (0, 3), "search": (0, 4), "mailer": (0, 2),
    "reports": (1, 2), "thumbnails": (1, 3), "billing": (1, 3), "orders": (1, 2), "model-train": (1, 2),
}  # fmt: skip
# Services whose release is complete, though their tasks end again and again.
RELEASED = {work.name for work in SERVICES if work.cause in (MEMORY, CRASH)}
# Tasks that do not come up, of the newest revision of each.
HANGING = {"ingest": 2, "tracker": 2}


@dataclass(frozen=True)
class Cohort:
    """Tasks that are alike."""

    work: Work
    # 0 or 1: which of the two revisions.
    revision: int
    # What the first cause of their group must be.
    cause: str
    weight: int
    cluster: str
    # The window of the last hour in which they stopped: seconds before now.
    oldest: int
    newest: int
    # How long the last stage took, in seconds.
    lasted: float
    reached: str = RUN
    words: int = 0

    @property
    def is_deliberate(self) -> bool:
        return self.cause not in CAUSES


def cluster_of(work: Work, clusters: int) -> str:
    return "prod" if clusters == 1 or ALL.index(work) % 2 == 0 else "batch"


def cohorts(clusters: int) -> list[Cohort]:
    """All cohorts; their weights are a thousand together."""
    found = []
    for work in ALL:
        reached = {IMAGE: PULL, MEMORY: RUN, CRASH: RUN}.get(work.cause, SECRETS)
        lasted = {IMAGE: 40, SECRET: 35, ROUTE: 125, GROUP: 35, MEMORY: 95, CRASH: 12}[work.cause]
        windows = [(55 * MINUTE, 30 * MINUTE), (25 * MINUTE, 1 * MINUTE)] if work.is_service else [(55 * MINUTE, 1 * MINUTE)] * 2
        weights = (12, 35) if work.is_service else (14, 28)
        for revision in (0, 1):
            where = cluster_of(work, clusters)
            found.append(Cohort(work, revision, work.cause, weights[revision], where, *windows[revision], lasted, reached))

    def deliberate(name: str, revision: int, cause: str, weight: int, oldest: int, newest: int, lasted: float, words: int = 0):
        work = next(one for one in ALL if one.name == name)
        found.append(Cohort(work, revision, cause, weight, cluster_of(work, clusters), oldest, newest, lasted, RUN, words))

    deliberate("billing", 1, BY_USER, 10, 20 * MINUTE, 2 * MINUTE, 4 * MINUTE)
    deliberate("orders", 1, BY_USER, 10, 20 * MINUTE, 2 * MINUTE, 4 * MINUTE, words=1)
    deliberate("model-train", 1, BY_USER, 10, 50 * MINUTE, 2 * MINUTE, 5 * HOUR)
    deliberate("reports", 0, REPLACED, 25, 28 * MINUTE, 26 * MINUTE, 2 * DAY)
    deliberate("thumbnails", 0, REPLACED, 25, 28 * MINUTE, 26 * MINUTE, 2 * DAY)
    deliberate("billing", 1, SCALED_IN, 20, 15 * MINUTE, 9 * MINUTE, 6 * MINUTE)
    assert sum(one.weight for one in found) == BLOCK
    return found


def slots(found: list[Cohort]) -> list[int]:
    """The cohort (by its place in the list) of each of a thousand tasks in a row, well mixed."""
    ordered = [place for place, cohort in enumerate(found) for _ in range(cohort.weight)]
    return [ordered[slot * 619 % BLOCK] for slot in range(BLOCK)]
