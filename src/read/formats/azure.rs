//! Azure Application Gateway and Front Door access logs. `timeTaken` is seconds with a fraction, milliseconds without.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::record::{JsonLines, Shape};
use crate::read::format::{Format, Layout};

const SHAPE: Shape = Shape {
    name: "azure",
    markers: &["category", "properties.httpMethod"],
    ts_kind: TsKind::End,
    places: &[
        ("properties.httpStatus", Field::Status),
        ("properties.httpStatusCode", Field::Status),
        ("properties.timeTaken", Field::Duration(Unit::Guess)),
        ("properties.httpMethod", Field::Method),
        ("properties.originalRequestUriWithArgs", Field::Url),
        ("properties.requestUri", Field::Url),
        ("properties.host", Field::Host),
        ("properties.clientIP", Field::ClientAddress),
    ],
    access_log: true,
    ..Shape::PLAIN
};

pub const FORMAT: Format = Format {
    name: SHAPE.name,
    aliases: &[],
    title: "Azure Application Gateway and Front Door",
    specificity: 80,
    layout: Layout::Lines(|options| Box::new(JsonLines::new(&SHAPE, options))),
    samples: &[
        (
            r#"{"timeStamp":"2021-10-14T22:17:11+00:00","category":"ApplicationGatewayAccessLog","properties":{"clientIP":"185.42.129.24","httpMethod":"GET","requestUri":"/","httpStatus":200,"timeTaken":0.034,"serverStatus":"200","host":"app.example.com","transactionId":"d7b2"}}"#,
            Some(200),
        ),
        (
            r#"{"time":"2022-08-29T15:03:25.4715017Z","category":"FrontDoorAccessLog","properties":{"trackingReference":"0PdU","httpMethod":"GET","httpStatusCode":"301","requestUri":"https://www.example.com:443/","timeTaken":"0.005","originName":"N/A"}}"#,
            Some(301),
        ),
    ],
};
