//! What searches find.

use super::store::{Dice, FILTERS, Store, Synthetic, drain, everything, kept, random_event, start};
use crate::{Cursor, Index, Order, Request, SearchError};
use picket_event::Event;
use picket_pipeline::Consumer as _;
use picket_query::Query;
use proptest::prelude::*;
use std::time::Duration;

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 8, ..ProptestConfig::default() })]
    #[test]
    fn searches_of_a_log_find_what_the_filters_keep(seed in any::<u64>(), count in 1..120_u64) {
        let store = Store::new();
        let mut dice = Dice(seed);
        for number in 0..count {
            let event = random_event(&mut dice, start().plus(Duration::from_secs(60 * number)));
            store.append(&event);
        }
        let index = store.index();
        drain(&mut index.indexer(), store.log());
        let events = store.events();
        for filter in FILTERS {
            let expected = kept(filter, &events);
            let page = index.search(&everything(filter)).unwrap();
            prop_assert_eq!(&page.positions, &expected, "{}", filter);
            prop_assert_eq!(page.total, Some(expected.len() as u64), "{}", filter);
        }
        let page = index.search(&Request { rows: true, ..everything("") }).unwrap();
        prop_assert_eq!(page.rows.len(), events.len());
        let names = index.names(&page.rows).unwrap();
        for (row, (position, event)) in page.rows.iter().zip(&events) {
            prop_assert_eq!((row.position, row.event_id, row.decision), (*position, event.event_id, event.decision));
            prop_assert_eq!(row.user.as_ref().map(|id| &names[id]), event.user.as_ref());
            prop_assert_eq!(row.recorded_at, event.recorded_at.unwrap());
            let found = index.search(&everything(&format!("event_id:{}", event.event_id))).unwrap();
            prop_assert_eq!(found.positions, [*position]);
        }
    }
}

/// An index of many events, in several segments, with its events.
fn large(store: &Store, count: u64) -> (Index, Vec<(u64, Event)>) {
    let mut dice = Dice(7);
    let mut events: Vec<Event> =
        (0..count).map(|number| random_event(&mut dice, start().plus(Duration::from_millis(number * 700)))).collect();
    events.iter_mut().for_each(|event| event.recorded_at = Some(event.timestamp));
    let mut synthetic = Synthetic::new(store, &events);
    let index = store.index();
    let mut indexer = index.indexer();
    indexer.cursor().unwrap();
    let mut all = Vec::new();
    for (number, event) in events.into_iter().enumerate() {
        let logged = synthetic.logged(event.clone());
        all.push((logged.position, event));
        indexer.apply(&[logged.into()]).unwrap();
        if [5_000, 9_500, 9_900, 9_950].contains(&number) {
            let index = index.clone();
            index.writer().commit(&index).unwrap();
        }
    }
    let index = index.clone();
    index.writer().commit(&index).unwrap();
    (index, all)
}

#[test]
fn the_newest_the_oldest_and_all_are_found_in_a_large_index() {
    let store = Store::new();
    let (index, events) = large(&store, 12_000);
    assert!(index.segments() >= 4, "{}", index.segments());
    for filter in FILTERS {
        let expected = kept(filter, &events);
        assert_eq!(index.count(&everything(filter)).unwrap(), expected.len() as u64, "{filter}");
        let pages: Vec<Vec<u64>> = index.list(&everything(filter)).unwrap().positions.map(Result::unwrap).collect();
        assert!(pages.iter().all(|page| page.len() <= 4_096));
        assert_eq!(pages.concat(), expected, "{filter}");
        for limit in [1, 100] {
            let newest = expected[expected.len().saturating_sub(limit)..].to_vec();
            let request = Request { limit: Some(limit), ..everything(filter) };
            assert_eq!(index.search(&request).unwrap().positions, newest, "{filter}");
            let pages: Vec<Vec<u64>> = index.list(&request).unwrap().positions.map(Result::unwrap).collect();
            assert_eq!(pages.concat(), newest, "{filter}");
            let request = Request { order: Order::Descending, ..request };
            let newest: Vec<u64> = newest.into_iter().rev().collect();
            assert_eq!(index.search(&request).unwrap().positions, newest, "{filter}");
            let pages: Vec<Vec<u64>> = index.list(&request).unwrap().positions.map(Result::unwrap).collect();
            assert_eq!(pages.concat(), newest, "{filter}");
        }
    }
}

#[test]
fn times_and_event_types_narrow_a_search() {
    let store = Store::new();
    let (index, events) = large(&store, 6_000);
    let (from, to) = (start().plus(Duration::from_secs(700)), start().plus(Duration::from_secs(2_100)));
    let expected = |fits: &dyn Fn(&Event) -> bool| -> Vec<u64> {
        events.iter().filter(|(_, event)| fits(event)).map(|(position, _)| *position).collect()
    };
    let found = |request: &Request| index.search(request).unwrap().positions;
    let request = Request { from: Some(from), to: Some(to), ..everything("") };
    assert_eq!(found(&request), expected(&|event| from <= event.timestamp && event.timestamp < to));
    let request = Request { since: Some(to), ..everything("") };
    assert_eq!(found(&request), expected(&|event| event.timestamp >= to));
    let requests = found(&Request::default());
    assert!(requests == expected(&|event| event.event_type.is_request()) && requests.len() < events.len());
    store.clock.set(to);
    let relative = found(&everything("timestamp:1400s..now"));
    assert_eq!(relative, expected(&|event| from <= event.timestamp && event.timestamp <= to));
}

/// Follows cursors from one page to the next.
fn walk(index: &Index, request: &Request, backwards: bool) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let (after, before) = if backwards { (None, cursor) } else { (cursor, None) };
        let page = index.search(&Request { after, before, ..request.clone() }).unwrap();
        let next = if backwards { page.previous } else { page.next };
        if !page.positions.is_empty() {
            pages.push(page.positions);
        }
        match next {
            Some(next) if Some(next) != cursor => cursor = Some(next.to_string().parse().unwrap()),
            _ => return pages,
        }
    }
}

#[test]
fn pages_cover_each_event_exactly_once_in_either_order_and_direction() {
    let store = Store::new();
    let (index, events) = large(&store, 5_500);
    for filter in ["", "action:blocked", "user:user1*", "severity:critical model:claude", "user:nobody"] {
        let mut expected = kept(filter, &events);
        let request = Request { limit: Some(37), total: false, ..everything(filter) };
        // From the newest page back.
        let pages = walk(&index, &request, true);
        assert!(pages.iter().all(|page| page.is_sorted()));
        assert_eq!(pages.into_iter().rev().collect::<Vec<_>>().concat(), expected, "{filter}");
        // From the oldest page on: a cursor at the beginning of the log.
        let first = Request { limit: Some(1), order: Order::Ascending, ..request.clone() };
        let begin = walk(&index, &first, true).last().map_or(0, |page| page[0]);
        let begin = crate::cursor::Cursors::of(&request, &store.keyring).at(begin);
        let page = index.search(&Request { after: Some(begin), ..request.clone() }).unwrap();
        assert_eq!(page.positions, expected[..expected.len().min(37)], "{filter}");
        let mut cursor = page.next;
        let mut all = page.positions;
        while all.len() < expected.len() {
            let page = index.search(&Request { after: cursor, ..request.clone() }).unwrap();
            assert!(!page.positions.is_empty());
            all.extend(&page.positions);
            cursor = page.next;
        }
        assert_eq!(all, expected, "{filter}");
        // Newest first, on and back.
        expected.reverse();
        let request = Request { order: Order::Descending, ..request };
        let pages = walk(&index, &request, false);
        assert_eq!(pages.concat(), expected, "{filter}");
    }
}

#[test]
fn a_poller_that_follows_the_next_cursor_misses_nothing_and_gets_nothing_twice() {
    let store = Store::new();
    let index = store.index();
    let mut indexer = index.indexer();
    let (mut dice, mut got, mut cursor) = (Dice(3), Vec::new(), None);
    for round in 0..12 {
        for _ in 0..dice.below(9) {
            store.append(&random_event(&mut dice, start()));
        }
        if round % 3 != 2 {
            drain(&mut indexer, store.log());
        }
        let limit = (round % 2 == 0 && cursor.is_some()).then_some(2);
        let page = index.search(&Request { after: cursor, limit, ..everything("stream:true") }).unwrap();
        got.extend(page.positions);
        cursor = page.next;
    }
    drain(&mut indexer, store.log());
    let rest = index.search(&Request { after: cursor, ..everything("stream:true") }).unwrap();
    got.extend(rest.positions);
    assert_eq!(got, kept("stream:true", &store.events()));
}

#[test]
fn a_cursor_is_good_for_its_own_list_only() {
    let store = Store::new();
    let mut dice = Dice(5);
    (0..9).for_each(|_| {
        store.append(&random_event(&mut dice, start()));
    });
    let index = store.index();
    drain(&mut index.indexer(), store.log());
    let request = Request { limit: Some(2), ..everything("stream:*") };
    let cursor = index.search(&request).unwrap().previous;
    assert!(index.search(&Request { before: cursor, ..request.clone() }).is_ok());
    let since = Some(start());
    assert!(index.search(&Request { before: cursor, since, ..request.clone() }).is_ok());
    for other in [
        Request { before: cursor, filter: Query::parse("stream:true").unwrap(), ..request.clone() },
        Request { before: cursor, event_types: vec!["request".to_owned()], ..request.clone() },
        Request { before: cursor, order: Order::Descending, ..request.clone() },
    ] {
        assert!(matches!(index.search(&other), Err(SearchError::Cursor)));
    }
    let both = Request { before: cursor, after: cursor, ..request };
    assert!(matches!(index.search(&both), Err(SearchError::TwoCursors)));
    for text in ["", "zz", "00", &"0".repeat(36), &"0".repeat(38)] {
        assert!(text.parse::<Cursor>().is_err() || text == "0".repeat(36), "{text}");
    }
}
