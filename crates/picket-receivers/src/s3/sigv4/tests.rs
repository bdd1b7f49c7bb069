use super::*;

/// The examples of Amazon's documentation of S3: "Signature Calculations for the Authorization Header".
#[test]
fn the_published_examples_have_their_signatures() {
    let signer = Signer {
        key_id: ["AKIAIOSFODNN7", "EXAMPLE"].concat(),
        key: Zeroizing::new(["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"].concat()),
        region: "us-east-1".to_owned(),
    };
    let at: Timestamp = "2013-05-24T00:00:00Z".parse().unwrap();
    let (range, class) = (("range", "bytes=0-9"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"));
    let date = ("date", "Fri, 24 May 2013 00:00:00 GMT");
    for (method, path, query, extra, body, signature) in [
        (
            Method::GET,
            "/test.txt",
            "",
            vec![range],
            "",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            Method::PUT,
            "/test$file.text",
            "",
            vec![date, class],
            "Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            Method::GET,
            "/",
            "lifecycle=",
            vec![],
            "",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            Method::GET,
            "/",
            "max-keys=2&prefix=J",
            vec![],
            "",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("examplebucket.s3.amazonaws.com"));
        for (name, value) in extra {
            headers.insert(name, HeaderValue::from_static(value));
        }
        signer.sign(&method, &escaped(path), query, &mut headers, body.as_bytes(), at);
        let value = headers.get(header::AUTHORIZATION).unwrap().to_str().unwrap();
        assert!(value.ends_with(&format!("Signature={signature}")), "{path}?{query}: {value}");
        assert_eq!(headers.get("x-amz-date").unwrap(), "20130524T000000Z");
    }
}

#[test]
fn paths_are_escaped_as_they_are_signed() {
    assert_eq!(escaped("/a/b=c d/é~.-_"), "/a/b%3Dc%20d/%C3%A9~.-_");
}
