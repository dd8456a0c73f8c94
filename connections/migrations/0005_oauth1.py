"""OAuth 1: sealed secrets, the switch for HMAC-SHA1, the requests that were accepted already; every one has an end."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0004_secondary_email_11'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='allow_sha1',
            field=models.BooleanField(default=False, help_text='Only for an OAuth 1 vendor that cannot sign by HMAC-SHA256.', verbose_name='accept HMAC-SHA1'),
        ),
        migrations.AddField(
            model_name='credential',
            name='sealed',
            field=models.BinaryField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name='Nonce',
            fields=[
                ('digest', models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ('address', models.CharField(blank=True, max_length=64)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
                ('credential', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='connections.credential')),
            ],
            options={
                'indexes': [models.Index(fields=['credential', 'address'], name='nonce_seen_from')],
            },
        ),
        migrations.RunSQL(
            "UPDATE connections_connection SET expires_at = created_at + interval '1 year' "
            "WHERE oauth = 1 AND expires_at IS NULL",
            migrations.RunSQL.noop,
        ),
    ]
