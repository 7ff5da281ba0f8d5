"""Jobs of files."""

from yiwang.kernel.files.actions import judge_blob
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.scanning import scanner
from yiwang.kernel.files.services import SCAN, open_unscanned
from yiwang.kernel.files.sweeping import sweep
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import SLOW, job
from yiwang.kernel.org.actors import SYSTEM


@job("files.sweep", queue=SLOW, repeat="daily 03:20")
def sweep_files(job: Job) -> None:
    """Take away leftovers once a night."""
    sweep()


@job(SCAN, queue=SLOW)
def scan_file(job: Job) -> None:
    """Ask the scanner about one file; while it does not answer the file stays in quarantine and the job comes again."""
    blob, port = Blob.objects.filter(pk=job.ref or 0).first(), scanner()
    if blob is not None and port is not None:
        with open_unscanned(blob) as stream:
            judge_blob(actor=SYSTEM, blob=blob.pk, verdict=port.scan(stream))
