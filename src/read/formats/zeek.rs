//! Zeek's `http.log` in its own tab-separated writing.

use crate::model::exchange::TsKind;
use crate::read::engine::columns::{MOMENT, Word, own};
use crate::read::engine::field::Field;
use crate::read::engine::w3c::{Kind, Spelling, W3c};
use crate::read::format::{self, Format};

pub const FORMAT: Format = Format {
    name: KIND.name,
    aliases: &["bro"],
    title: "Zeek http.log",
    specificity: 70,
    layout: format::Layout::Sequence(|options| Box::new(W3c::new(&KIND, options))),
    samples: &[(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\ttrans_depth\tmethod\thost\turi\treferrer\tversion\tuser_agent\trequest_body_len\tresponse_body_len\tstatus_code\tstatus_msg\tinfo_code\tinfo_msg\ttags\n#types\ttime\tstring\taddr\tport\taddr\tport\tcount\tstring\tstring\tstring\tstring\tstring\tstring\tcount\tcount\tcount\tstring\tcount\tstring\tset[enum]\n1795319506.452687\tCwFs1P2UcUdlSxD2La\t192.168.2.76\t52026\t192.0.2.119\t80\t1\tGET\tapi.example.com\t/v1/x?a=1\t-\t1.1\tcurl/8.1\t0\t109978\t429\tToo Many Requests\t-\t-\t(empty)",
        Some(429),
    )],
};

const KIND: Kind = Kind {
    name: "zeek_http",
    ts_kind: TsKind::Start,
    claims: |names| names.contains(&"id.orig_h"),
    own: VOCABULARY,
    layouts: &[],
    tabs: true,
    spelling: |_| Spelling::Hex,
    settle: |_, _| {},
};

const VOCABULARY: &[Word] = &[
    ("ts", MOMENT),
    ("id.orig_h", own(Field::ClientAddress)),
    ("method", own(Field::Method)),
    ("host", own(Field::Host)),
    ("uri", own(Field::Url)),
    ("user_agent", own(Field::Client)),
    ("request_body_len", own(Field::RequestBytes)),
    ("response_body_len", own(Field::ResponseBytes)),
    ("status_code", own(Field::Status)),
    ("username", own(Field::User)),
];
