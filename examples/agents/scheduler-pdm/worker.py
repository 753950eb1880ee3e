"""Writes three reports, one each second, and is done. It listens nowhere."""

from apscheduler.schedulers.blocking import BlockingScheduler

from reports import report

scheduler = BlockingScheduler()
written: list[str] = []


def write() -> None:
    written.append(report(len(written) + 1))
    if len(written) == 3:
        print(f"{len(written)} reports: {', '.join(written)}", flush=True)
        scheduler.shutdown(wait=False)


scheduler.add_job(write, "interval", seconds=1, max_instances=1)
scheduler.start()
