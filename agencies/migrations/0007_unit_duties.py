import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0006_proofs'),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditrow',
            name='verb',
            field=models.CharField(choices=[('logged_in', '登录'), ('logged_out', '退出'), ('login_failed', '登录失败'), ('password_changed', '修改密码'), ('account_created', '建立账号'), ('account_reset', '重置账号'), ('account_closed', '停用账号'), ('post_given', '任命岗位'), ('post_ended', '结束岗位'), ('deputy_named', '指定代理'), ('deputy_ended', '收回代理'), ('duties_handed_over', '移交职责'), ('unit_created', '建立机构'), ('unit_changed', '变更机构'), ('calendar_changed', '变更校历'), ('policy_loaded', '载入方案'), ('policy_adopted', '采用方案'), ('unit_duty_done', '登记单位任务'), ('unit_duty_corrected', '更正单位任务'), ('child_created', '建立学生'), ('child_changed', '变更学生'), ('child_moved', '学生变动'), ('import_checked', '检查导入'), ('import_applied', '应用导入'), ('import_undone', '撤销导入'), ('roll_taken', '登记考勤'), ('roll_corrected', '更正考勤'), ('correction_asked', '申请更正考勤'), ('correction_decided', '复核更正'), ('leave_recorded', '登记请假'), ('leave_ended', '结束请假'), ('home_visit_recorded', '登记送教'), ('home_visit_corrected', '更正送教'), ('case_opened', '建立个案'), ('case_assigned', '指定责任人'), ('case_moved', '变更适用方案'), ('case_closed', '销号'), ('event_recorded', '登记办理'), ('event_superseded', '更正办理'), ('paper_drafted', '拟制文书'), ('paper_issued', '签发文书'), ('paper_voided', '作废文书'), ('paper_served', '送达文书'), ('paper_read', '下载文书'), ('paper_withdrawn', '撤回文书'), ('paper_sealed', '登记用印'), ('proof_added', '附上材料'), ('proof_opened', '打开材料'), ('proof_withdrawn', '撤下材料'), ('ledger_exported', '导出台账'), ('identity_revealed', '查看完整信息'), ('filter_saved', '保存筛选'), ('job_started', '启动任务'), ('cases_refreshed', '夜间刷新')], db_index=True, max_length=30),
        ),
        migrations.CreateModel(
            name='UnitDutyDone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(max_length=60, verbose_name='任务')),
                ('period_first', models.DateField(verbose_name='本期首日')),
                ('done_on', models.DateField(verbose_name='办理日期')),
                ('proof', models.CharField(max_length=200, verbose_name='凭据')),
                ('what', models.CharField(blank=True, max_length=500, verbose_name='办理情况')),
                ('place', models.CharField(blank=True, max_length=60, verbose_name='地点')),
                ('people', models.CharField(blank=True, max_length=200, verbose_name='参加、受益人员')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号、份数')),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=60)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('superseded_by', models.CharField(blank=True, max_length=60)),
                ('superseded_why', models.CharField(blank=True, max_length=100)),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='agencies.unitdutydone')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties_done', to='agencies.unit')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties_done', to='agencies.policyversion')),
            ],
            options={
                'ordering': ['-done_on', '-id'],
                'indexes': [models.Index(fields=['unit', 'period_first'], name='duty_done_unit_period')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True)), fields=('unit', 'version', 'duty', 'period_first'), name='duty_done_once_a_period')],
            },
        ),
    ]
