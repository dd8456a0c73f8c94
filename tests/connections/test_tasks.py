from connections import tasks
from connections.models import AccessLog, DailyUse


def test_the_scheduled_job_adds_the_access_log_up(acme):
    AccessLog.objects.create(connection=acme[0], operation="getAllUsers", status=200)
    tasks.add_up_usage()
    assert DailyUse.objects.get().calls == 1
