use super::*;

#[test]
fn ids_round_trip_and_sort_by_time() {
    let early = EventId::new(Timestamp::from_millis(1_000));
    let late = EventId::new(Timestamp::from_millis(2_000));
    assert!(early < late);
    assert_eq!(early.to_string().parse::<EventId>().unwrap(), early);
    assert_eq!(early.to_string().replace('_', "-").parse::<EventId>().unwrap(), early);
    assert_eq!(EventId::from_bits(early.to_bits()), early);
}

#[test]
fn an_id_of_another_kind_is_refused() {
    let escalation = EscalationId::new(Timestamp::from_millis(1_000)).to_string();
    assert!(escalation.parse::<EventId>().is_err());
    assert!("evt_".parse::<EventId>().is_err());
}
