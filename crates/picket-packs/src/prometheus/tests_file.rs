//! Tests of the alerts, for `promtool test rules`.

/// Series, and which alerts they raise when.
pub(super) const TESTS: &str = "\
# promtool test rules alerts_test.yml
rule_files: [alerts.yml]
evaluation_interval: 1m
tests:
  - name: a share of two thirds after one of a tenth
    interval: 1m
    input_series:
      - { series: 'picket_gateway_requests_total{decision=\"allowed\"}', values: '0+9x1440 12970+10x30' }
      - { series: 'picket_gateway_requests_total{decision=\"blocked\"}', values: '0+1x1440 1460+20x30' }
    alert_rule_test:
      - { eval_time: 1438m, alertname: PicketBlockRateDoubled, exp_alerts: [] }
      - eval_time: 1470m
        alertname: PicketBlockRateDoubled
        exp_alerts:
          - exp_labels: { severity: warning }
            exp_annotations:
              summary: Twice as many requests are refused as usual
              description: A share of 66.67% of the last 15 minutes, more than twice that of the day before.

  - name: as many are refused as ever
    interval: 1m
    input_series:
      - { series: 'picket_gateway_requests_total{decision=\"allowed\"}', values: '0+90x1500' }
      - { series: 'picket_gateway_requests_total{decision=\"blocked\"}', values: '0+10x1500' }
    alert_rule_test:
      - { eval_time: 1500m, alertname: PicketBlockRateDoubled, exp_alerts: [] }

  - name: eleven wait, ten do not
    interval: 1m
    input_series:
      - { series: 'picket_escalations_pending{severity=\"high\"}', values: '6x20 7x20' }
      - { series: 'picket_escalations_pending{severity=\"low\"}', values: '4x40' }
      - { series: 'picket_escalations_oldest_seconds{severity=\"high\"}', values: '0+60x40' }
    alert_rule_test:
      - { eval_time: 20m, alertname: PicketEscalationQueueDeep, exp_alerts: [] }
      - eval_time: 30m
        alertname: PicketEscalationQueueDeep
        exp_alerts:
          - exp_labels: { severity: warning }
            exp_annotations:
              summary: More than ten escalations wait
              description: 11 escalations wait for a person.
      - { eval_time: 30m, alertname: PicketTriageLate, exp_alerts: [] }
      - eval_time: 31m
        alertname: PicketTriageLate
        exp_alerts:
          - exp_labels: { severity: warning }
            exp_annotations:
              summary: An escalation waits for more than half an hour
              description: The oldest one waits for 31m 0s.

  - name: the first finding of a rule, which has no series before
    interval: 1m
    input_series:
      - { series: 'picket_detection_findings_total{rule=\"new-model\",category=\"model_drift\",severity=\"medium\"}', values: '_x100 1x100' }
    alert_rule_test:
      - { eval_time: 99m, alertname: PicketNewModel, exp_alerts: [] }
      - eval_time: 102m
        alertname: PicketNewModel
        exp_alerts:
          - exp_labels: { severity: info }
            exp_annotations:
              summary: A model is used that was never used before
              description: 'The rule new-model says which: picket findings list --rule new-model.'
      - { eval_time: 180m, alertname: PicketNewModel, exp_alerts: [] }

  - name: a destination that is paused, and one whose sums do not add up
    interval: 1m
    input_series:
      - { series: 'picket_destination_paused{destination=\"splunk\",kind=\"splunk_hec\"}', values: '0x10 1x10' }
      - { series: 'picket_destination_balanced{destination=\"splunk\",kind=\"splunk_hec\"}', values: '1x20' }
      - { series: 'picket_destination_balanced{destination=\"es\",kind=\"elastic_http\"}', values: '1x5 0x15' }
    alert_rule_test:
      - { eval_time: 10m, alertname: PicketDestinationPaused, exp_alerts: [] }
      - eval_time: 18m
        alertname: PicketDestinationPaused
        exp_alerts:
          - exp_labels: { severity: warning, destination: splunk, kind: splunk_hec }
            exp_annotations:
              summary: splunk is sent nothing
              description: 'It was paused by a person, or after ten faults in a row: picket destinations list.'
      - eval_time: 18m
        alertname: PicketDestinationUnbalanced
        exp_alerts:
          - exp_labels: { severity: critical, destination: es, kind: elastic_http }
            exp_annotations:
              summary: The sums of es do not add up
              description: 'Events were accepted of which nobody knows what became: picket destinations balance.'

  - name: a fifth of the findings may be false, and few verdicts say nothing
    interval: 1m
    input_series:
      - { series: 'picket_detection_verdicts{rule=\"a\",verdict=\"false_positive\"}', values: '2x10 5x10 6x10' }
      - { series: 'picket_detection_verdicts{rule=\"a\",verdict=\"true_positive\"}', values: '2x10 20x20' }
    alert_rule_test:
      - { eval_time: 5m, alertname: PicketManyFalsePositives, exp_alerts: [] }
      - { eval_time: 15m, alertname: PicketManyFalsePositives, exp_alerts: [] }
      - eval_time: 25m
        alertname: PicketManyFalsePositives
        exp_alerts:
          - exp_labels: { severity: info }
            exp_annotations:
              summary: More than a fifth of the findings was false
              description: 23.08% of those of 30 days that somebody decided.

  - name: nothing runs
    interval: 1m
    input_series: []
    alert_rule_test:
      - eval_time: 10m
        alertname: PicketDown
        exp_alerts:
          - exp_labels: { severity: critical }
            exp_annotations:
              summary: No gateway shows its metrics
              description: None runs, or the token may not read them.
";
