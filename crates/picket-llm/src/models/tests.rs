use super::*;
use expect_test::expect;

#[test]
fn lists_of_models_have_the_shape_of_their_dialect() {
    let names = ["model-a", "model-b"];
    expect![[r#"{"data":[{"created":0,"id":"model-a","object":"model","owned_by":"picket"},{"created":0,"id":"model-b","object":"model","owned_by":"picket"}],"object":"list"}"#]]
        .assert_eq(std::str::from_utf8(&models_body(Dialect::OpenAi, names)).unwrap());
    expect![[r#"{"data":[{"created_at":"1970-01-01T00:00:00Z","display_name":"model-a","id":"model-a","type":"model"},{"created_at":"1970-01-01T00:00:00Z","display_name":"model-b","id":"model-b","type":"model"}],"first_id":"model-a","has_more":false,"last_id":"model-b"}"#]]
        .assert_eq(std::str::from_utf8(&models_body(Dialect::Anthropic, names)).unwrap());
    expect![[r#"{"data":[],"first_id":null,"has_more":false,"last_id":null}"#]]
        .assert_eq(std::str::from_utf8(&models_body(Dialect::Anthropic, [])).unwrap());
    expect![[r#"{"created":0,"id":"model-a","object":"model","owned_by":"picket"}"#]]
        .assert_eq(std::str::from_utf8(&model_body(Dialect::OpenAi, "model-a")).unwrap());
}
