use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn what_is_written_is_read_and_nothing_of_what_is_cut_off(
        number in any::<u64>(), signed in any::<i64>(), short in -1e30_f32..1e30, real in -1e300_f64..1e300, text in ".{0,40}",
    ) {
        let mut writer = Writer::default();
        writer.number(number);
        writer.signed(signed);
        writer.short(short);
        writer.real(real);
        writer.text(&text);
        let bytes = writer.into_bytes();
        let read = |bytes| {
            let mut reader = Reader::new(bytes);
            let all = (reader.number()?, reader.signed()?, reader.short()?, reader.real()?, reader.text()?.to_owned());
            reader.is_empty().then_some(all)
        };
        prop_assert_eq!(read(&bytes), Some((number, signed, short, real, text)));
        for end in 0..bytes.len() {
            prop_assert_eq!(read(&bytes[..end]), None);
        }
    }

    #[test]
    fn whatever_is_read_it_ends(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut reader = Reader::new(&bytes);
        while reader.number().is_some() {}
        prop_assert!(Reader::new(&bytes).text().is_none_or(|text| text.len() < bytes.len()));
    }
}
