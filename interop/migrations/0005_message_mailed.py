"""When a message was sent by mail."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('interop', '0004_message')]

    operations = [
        migrations.AddField(
            model_name='message',
            name='mailed_at',
            field=models.DateTimeField(null=True),
        ),
    ]
