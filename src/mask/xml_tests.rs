//! Markup as a whole: what goes, what stays, in every dress.

use crate::mask::{MaskCounts, MaskKey, Masker, Settings};

fn mask(text: &str) -> String {
    let masker = Masker::new(MaskKey::from_bytes([9; 32]), Settings::default()).expect("valid");
    let mut counts = MaskCounts::default();
    let once = masker.text(text, &mut counts).as_str().to_owned();
    let twice = masker.text(&once, &mut counts);
    assert_eq!(twice.as_str(), once, "{text}");
    once
}

/// The text with `@` for the one thing that was masked.
fn blanked(text: &str) -> String {
    let out = mask(text);
    let Some((before, rest)) = out.split_once('‹') else {
        return out.replace("***", "@");
    };
    let after = rest.split_once('›').map_or("", |(_, after)| after);
    format!("{before}@{after}")
}

/// Texts with `@` where the value stands.
const VALUES: &[&str] = &[
    // A name beside a value.
    "<Property><Name>password</Name><Value>@</Value></Property>",
    "<Property><Value>@</Value><Name>password</Name></Property>",
    "<Property><Key>secretKey</Key><Value xsi:type=\"xsd:string\">@</Value></Property>",
    "<a:Prop><a:Name>password</a:Name><a:Type>string</a:Type><a:Value>@</a:Value></a:Prop>",
    "<p><name>page</name><value>2</value></p><p><name>password</name><value>@</value></p>",
    "<p>\n  <name>password</name>\n  <!-- why -->\n  <value>\n    @\n  </value>\n</p>",
    "<p><name>pass&#119;ord</name><value>@</value></p>",
    "<entry><string>password</string><string>@</string></entry>",
    "<dict><key>id</key><string>7</string><key>password</key><string>@</string></dict>",
    "<dict><key>passwords</key><array><string>@</string></array></dict>",
    "<member><name>password</name><value><string>@</string></value></member>",
    "<member><value><string>@</string></value><name>password</name></member>",
    "<item><key><string>password</string></key><value><string>@</string></value></item>",
    "<KeyValueOfstringstring><Key>password</Key><Value>@</Value></KeyValueOfstringstring>",
    "<Attributes><Name>Password</Name><Value>@</Value></Attributes>",
    "<Property><Key>FirstName</Key><Value>@</Value></Property>",
    "<init-param><param-name>apiKey</param-name><param-value>@</param-value></init-param>",
    "<Parameter><ParameterKey>DbPassword</ParameterKey><ParameterValue>@</ParameterValue></Parameter>",
    "<object><void method=\"put\"><string>password</string><string>@</string></void></object>",
    "<Name>password</Name><Value>@",
    "<Name>password</Name>\\n  <Value>\\n @\\n</Value>",
    // An attribute that names what stands inside.
    "<saml:Attribute Name=\"password\"><saml:AttributeValue xsi:type=\"x\">@</saml:AttributeValue></saml:Attribute>",
    "<field name='apiKey'><value>@</value></field>",
    "<setting name=\"ClientSecret\" serializeAs=\"String\"><value>@</value></setting>",
    "<string name=\"access_token\">@</string>",
    "<param name=\"password\">@</param><value>two</value>",
    "<saml2:Attribute FriendlyName=\"givenName\" Name=\"urn:oid:2.5.4.42\"><saml2:AttributeValue>@</saml2:AttributeValue></saml2:Attribute>",
    "<void property=\"password\"><string>@</string></void>",
    "<param note=\"a>b\" name=\"password\">@</param>",
    "<lst name=\"x\"><str name=\"password\">@</str></lst>",
    // Attributes.
    "<add key=\"ApiKey\" value=\"@\"/>",
    "<add value='@' key='ApiKey'/>",
    "<ns1:Param ns1:Value=\"@\" ns1:Name=\"password\"/>",
    "<ApiKey value=\"@\"/>",
    "<input type=\"hidden\" name=\"csrf_token\" value=\"@\">",
    "<input value=\"@\" type=\"hidden\" name=\"authenticity_token\">",
    "<input type=password value=@>",
    "<input value=\"@\" id=\"a\" type=\"password\">",
    "<Item Id=\"password\" Value=\"@\"/>",
    "send: b'<add key=\\'ApiKey\\' value=\\'@\\'/>'",
    "<meta name=\"csrf-token\" content=\"@\">",
    "<add key=\"ApiKey\" value=\"@",
    // Elements of their own name.
    "<password>\n   @\n</password>",
    "<s:Password Type='x'><![CDATA[@]]></s:Password>",
    "<password><!-- x -->@<?y z?></password>",
    "<password>\n <![CDATA[\n@\n]]>\n</password>",
    "<d><![CDATA[<token><![CDATA[@]]]]><![CDATA[></token>]]></d>",
    "<passwords><string>@</string></passwords>",
    "<!DOCTYPE a [<!ENTITY password \"@\">]><a>&password;</a>",
    "<!-- <password>@</password> -->",
    "<?xml version=\"1.0\"?><a><password>@",
    // Escaped as a whole.
    "&lt;token&gt;@&lt;/token&gt;",
    "x=&lt;a&gt;\n&lt;token&gt;\n@\n&lt;/token&gt; end",
    "{\"o\":\"{\\\"p\\\":\\\"&lt;sessionId>@&lt;/sessionId>\\\"}\"}",
    "{\"o\":\"&amp;lt;sessionId>@&amp;lt;/sessionId>\"}",
    "{\"o\":\"&lt;add key=\\\"ApiKey\\\" value=\\\"@\\\"/>\"}",
    "{\"body\":\"<Property><Name>password</Name><Value>@</Value></Property>\"}",
    "INFO body=\"<Name>password</Name><Value>@</Value>\" status=200",
    "xml=%3Cparam+name%3D%22password%22%3E@%3C%2Fparam%3E",
    "GET /x?y=1#%3CName%3Epassword%3C/Name%3E%3CValue%3E@%3C/Value%3E HTTP/1.1",
    "GET /x?xml=%3Cadd%20key=%22ApiKey%22%20value=%22@%22/%3E&z=1 HTTP/1.1",
    "{\"x\":\"%3Cpassword%3E%0A+++@%0A%3C%2Fpassword%3E\"}",
    "payload=%253CName%253Epassword%253C%252FName%253E%253CValue%253E@%253C%252FValue%253E",
];

#[test]
fn a_value_goes_and_all_around_it_stays() {
    for text in VALUES {
        let text = text.replace("&password;", "x");
        let out = blanked(&text.replace('@', "kD93jLpQz71xWm"));
        assert_eq!(out, text);
    }
}

#[test]
fn a_value_has_one_stand_in_in_every_dress() {
    let stand_in = |text: &str| {
        let out = mask(text);
        let inside = out
            .split_once('‹')
            .and_then(|(_, rest)| rest.split_once('›'));
        let code = inside.and_then(|(inside, _)| inside.rsplit_once(':'));
        code.map(|(_, code)| code.to_owned()).unwrap_or(out)
    };
    let first = stand_in("password=kD93jLpQz71xWm");
    for text in VALUES {
        assert_eq!(
            stand_in(&text.replace('@', "kD93jLpQz71xWm")),
            first,
            "{text}"
        );
    }
    let first = stand_in(r#"{"password":"kD93]]>jL&pQ"}"#);
    for text in [
        "<password>kD93]]&gt;jL&amp;pQ</password>",
        "<password><![CDATA[kD93]]]]><![CDATA[>jL&pQ]]></password>",
        "<password>kD93<![CDATA[]]]]>&gt;jL<!-- x -->&amp;pQ</password>",
        "<Name>password</Name><Value><![CDATA[kD93]]]]><![CDATA[>jL&pQ]]></Value>",
    ] {
        assert_eq!(stand_in(text), first, "{text}");
    }
}

#[test]
fn what_support_needs_stays() {
    for text in [
        "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>invalid password</faultstring></soap:Fault>",
        "<errors><password>is too short</password><token>expired</token></errors>",
        "<Error><Field>password</Field><Message>must not be empty</Message><Code>ERR_12</Code></Error>",
        "<Error><name>password</name><text>is required for the login</text></Error>",
        "<p><Name>page</Name><Value>2</Value><Name>limit</Name><Value>50</Value></p>",
        "<p><Key>Acme.OrderRef2024ABCdef99</Key><Value>x</Value></p>",
        "<orderId>4111111111111111</orderId>",
        "<p><Name>orderId</Name><Value>4111111111111111</Value></p>",
        "<dict><key>tokens</key><integer>5</integer><key>name</key><string>x</string></dict>",
        "<dict><key>password</key><string/><key>page</key><string>two</string></dict>",
        "<p><Name>password</Name></p><p><Value>two</Value></p>",
        "<member><name>faultString</name><value><string>Too many requests</string></value></member>",
        "<input type=\"submit\" name=\"login\" value=\"Sign in\">",
        "<FirstName/><Item Id=\"page-2\" Value=\"two\"/>",
        "<meta name=\"viewport\" content=\"width=device-width\"><meta charset=\"utf-8\">",
        "<add key=\"Timeout\" value=\"30\"/><add key=\"token_type\" value=\"Bearer\"/>",
        "<Code>SlowDown</Code><code name=\"x\">RATE_LIMIT_EXCEEDED_2024_PLAN</code>",
        "<RequestId>4442587FB7D0A2F9</RequestId><a b=\"x>y\">text</a>",
        "value=3 name=password -> retry; a <b> c > d",
        "List<String> name = \"password\", value = \"two\"",
    ] {
        assert_eq!(mask(text), text);
    }
}

#[test]
fn each_of_several_values_is_judged_by_its_own_name() {
    let out = mask(
        "<a><Attributes><Name>Password</Name><Value>hunter2hunter</Value></Attributes>\
         <Attributes><Name>Page</Name><Value>two</Value></Attributes>\
         <Attributes><Name>FirstName</Name><Value>Aisha</Value></Attributes>\
         <SubscriberKey>jane@example.com</SubscriberKey></a>",
    );
    for gone in ["hunter2", "Aisha", "jane"] {
        assert!(!out.contains(gone), "{out}");
    }
    assert!(out.contains("<Value>two</Value>"), "{out}");
    let flat = mask(
        "<dict><key>user</key><string>bob-7</string><key>id</key><string>77</string>\
         <key>password</key><string>hunter2</string></dict>",
    );
    assert!(flat.contains("<string>77</string>"), "{flat}");
    assert!(flat.contains("<key>user</key><string>‹user:"), "{flat}");
    assert!(
        flat.contains("<key>password</key><string>‹secret:"),
        "{flat}"
    );
    let several = mask(
        "<Attribute Name=\"passwords\"><AttributeValue>aaaa1111</AttributeValue>\
         <AttributeValue>bbbb2222</AttributeValue></Attribute>",
    );
    assert!(
        !several.contains("1111") && !several.contains("2222"),
        "{several}"
    );
}

#[test]
fn what_stands_between_a_name_and_its_value_is_searched() {
    let out = mask(
        "<p><Name>password</Name><Description by=\"jane@example.com\">x</Description>\
         <Value>hunter2</Value><Note>bob@example.com</Note></p>",
    );
    for gone in ["jane", "bob@", "hunter2"] {
        assert!(!out.contains(gone), "{out}");
    }
    assert!(out.ends_with("</Note></p>"), "{out}");
}

#[test]
fn a_key_in_an_attribute_goes_as_a_whole() {
    let text = "<i v=\"{&#34;k&#34;:&#34;-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----\\n&#34;}\"/>";
    let out = mask(text);
    assert!(!out.contains("MIIE"), "{out}");
    assert!(
        out.ends_with("›\\n-----END PRIVATE KEY-----\\n&#34;}\"/>"),
        "{out}"
    );
}

#[test]
fn hostile_markup_neither_panics_nor_takes_long() {
    for piece in [
        "<a><![CDATA[",
        "<password><![CDATA[x",
        "<a>t<![CDATA[",
        "<a><!-- <a> -->",
        "<a><!--",
        "<Name>password</Name>",
        "<Name>password</Name><x>",
        "<Value>x</Value><Name>token</Name>",
        "<user><value>",
        "<user>",
        "<a value=\"",
        "<a value='x value=",
        "<a b=\"x>",
        "&lt;a>",
        "&lt;",
        "%3Ca",
        "<!ENTITY password \"",
        ">",
        "<",
        "<key>token</key><string>",
        "&amp;lt;a=\"",
    ] {
        let text = piece.repeat(4000);
        assert!(!mask(&text).is_empty());
    }
}
