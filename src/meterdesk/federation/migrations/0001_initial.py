import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Identity providers, requests sent to them, whom they vouched for, failed log-ins."""

    initial = True

    dependencies = [
        ('identity', '0004_suspension'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IdentityProvider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('slug', models.CharField(max_length=50, unique=True)),
                ('entity_id', models.CharField(max_length=1024)),
                ('sso_url', models.CharField(max_length=2000)),
                ('clock_skew_seconds', models.PositiveSmallIntegerField(default=60)),
                ('contexts', models.JSONField(default=list)),
                ('attribute_names', models.JSONField(default=dict)),
                ('contact_name', models.CharField(blank=True, max_length=200)),
                ('contact_email', models.EmailField(blank=True, max_length=254)),
                ('contact_telephone', models.CharField(blank=True, max_length=40)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('TESTING', 'Testing'), ('AWAITING_APPROVAL', 'Awaiting approval'), ('ACTIVE', 'Active'), ('SUSPENDED', 'Suspended')], default='DRAFT', max_length=20)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='FederatedAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_id', models.CharField(max_length=256)),
                ('created_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='federation.identityprovider')),
            ],
        ),
        migrations.CreateModel(
            name='FailedLogIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=12, unique=True)),
                ('reason', models.CharField(max_length=40)),
                ('facts', models.TextField(blank=True)),
                ('request_id', models.CharField(blank=True, max_length=60)),
                ('address', models.GenericIPAddressField(null=True)),
                ('at', models.DateTimeField(db_index=True)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='identity.organisation')),
                ('provider', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='federation.identityprovider')),
            ],
        ),
        migrations.CreateModel(
            name='ProviderCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pem', models.TextField()),
                ('fingerprint', models.CharField(max_length=95)),
                ('subject', models.TextField()),
                ('not_before', models.DateTimeField()),
                ('not_after', models.DateTimeField()),
                ('added_at', models.DateTimeField()),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='certificates', to='federation.identityprovider')),
            ],
        ),
        migrations.CreateModel(
            name='ProviderChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.CharField(blank=True, max_length=20)),
                ('to_state', models.CharField(max_length=20)),
                ('why', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='federation.identityprovider')),
            ],
        ),
        migrations.CreateModel(
            name='SeenAssertion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assertion_id', models.CharField(max_length=512)),
                ('until', models.DateTimeField(db_index=True)),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='federation.identityprovider')),
            ],
        ),
        migrations.CreateModel(
            name='SentRequest',
            fields=[
                ('id', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('browser', models.CharField(max_length=64)),
                ('target', models.CharField(blank=True, max_length=2000)),
                ('is_test', models.BooleanField(default=False)),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('outcome', models.JSONField(null=True)),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='federation.identityprovider')),
            ],
        ),
        migrations.AddConstraint(
            model_name='identityprovider',
            constraint=models.UniqueConstraint(models.F('organisation'), models.F('entity_id'), name='provider_once_each'),
        ),
        migrations.AddConstraint(
            model_name='identityprovider',
            constraint=models.CheckConstraint(condition=models.Q(('clock_skew_seconds__lte', 300)), name='provider_skew_small'),
        ),
        migrations.AddConstraint(
            model_name='federatedaccount',
            constraint=models.UniqueConstraint(models.F('provider'), models.F('name_id'), name='name_id_bound_once'),
        ),
        migrations.AddIndex(
            model_name='failedlogin',
            index=models.Index(fields=['organisation', '-at'], name='failed_log_in_newest'),
        ),
        migrations.AddConstraint(
            model_name='providercertificate',
            constraint=models.UniqueConstraint(models.F('provider'), models.F('fingerprint'), name='certificate_once_each'),
        ),
        migrations.AddConstraint(
            model_name='seenassertion',
            constraint=models.UniqueConstraint(models.F('provider'), models.F('assertion_id'), name='assertion_used_once'),
        ),
    ]
