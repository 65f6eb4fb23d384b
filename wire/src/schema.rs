//! The texts of the API as the OpenAPI document names them: each has a pattern, and generators make
//! a type of each. The values themselves are the ledger's types, which know no OpenAPI.

use sheaf_ledger::data_mode;
use sheaf_ledger::kind::KINDS;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// Declares a name of the document: what it means, the pattern of its texts, and one of them.
macro_rules! texts {
    ($($(#[doc = $meaning:literal])+ $name:ident: $pattern:literal, $example:expr;)+) => {$(
        $(#[doc = $meaning])+
        #[derive(Debug)]
        pub enum $name {}

        impl ToSchema for $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String);
                let text = text.description(Some(concat!($($meaning),+).trim()));
                text.pattern(Some($pattern)).examples([$example]).into()
            }
        }
    )+};
}

texts! {
    /// An owner, bech32m with the prefix `sheaf`.
    Owner: r"^sheaf1[02-9ac-hj-np-z]{45}$", "sheaf1llkc86rzn22mj40udyeqqpnpjzlle6p5r67ze0qucfsl9";
    /// L2 units, decimal digits without sign or leading zero, below 2^64.
    Amount: r"^(0|[1-9][0-9]{0,19})$", "1000";
    /// Units of L1, decimal digits without sign or leading zero, below 2^256.
    L1Amount: r"^(0|[1-9][0-9]{0,77})$", "1000000000000000000";
    /// 32 bytes, `0x` and 64 lower-case hexadecimal digits.
    Hash: r"^0x[0-9a-f]{64}$",
        "0xd1a7e079ded18ec8a2077c9e1486857016fdbc7fe0c0a8afc884dd9055e0d5fc";
    /// 32 bytes as a client may write them, `0x` and 64 hexadecimal digits of either case.
    AnyHash: r"^0x[0-9a-fA-F]{64}$",
        "0xd1a7e079ded18ec8a2077c9e1486857016fdbc7fe0c0a8afc884dd9055e0d5fc";
    /// An address on L1, `0x` and 40 lower-case hexadecimal digits.
    Address: r"^0x[0-9a-f]{40}$", "0xf0f1f2f3f4f5f6f7f8f9fafbfcfdfefff0f1f2f3";
    /// An address on L1 as a client may write it, `0x` and 40 hexadecimal digits of either case.
    AnyAddress: r"^0x[0-9a-fA-F]{40}$", "0xf0f1f2f3f4f5f6f7f8f9fafbfcfdfefff0f1f2f3";
    /// A public key, `0x` and 80 hexadecimal digits (docs/protocol.md, section 3).
    Key: r"^0x[0-9a-fA-F]{80}$",
        "0x41e216c83bb6e7074eee2631168d11e3f2d8cfefa196e4e53d27d37477ad70c1862c9ef75c93ee74";
    /// R then s, `0x` and 160 hexadecimal digits (docs/protocol.md, section 3).
    Signature: r"^0x[0-9a-fA-F]{160}$",
        concat!(
            "0xe6bcaf9529c9bc45948702b72d5879892fa04600375500ecc694004f698f27cefbdf0e51ed6a10e6",
            "42ccaa4567d5c7c69bf5c9c30ee396642061be8afbb46d13228896fda6e1d37884f9efad390c4642",
        );
    /// Bytes, `0x` and two lower-case hexadecimal digits for each.
    Bytes: r"^0x([0-9a-f]{2})*$", "0x00ff";
    /// The digest of circuits, 64 lower-case hexadecimal digits without `0x`.
    Circuits: r"^[0-9a-f]{64}$",
        "736865616620646576656c6f706d656e742c206e6f2063697263756974732020";
    /// A step of proving: a leaf, a join of leaves, the batch, or the wrap.
    Step: r"^((join-)?(entry|signature|data)-[0-9]+(-[0-9]+)?|batch|wrap)$", "join-entry-0-2";
    /// A place in the log: the `next` of another page.
    Cursor: r"^[0-9]+-[0-9]+$", "258-0";
}

/// Bytes as they are, without an encoding.
#[derive(Debug)]
pub enum Binary {}

impl ToSchema for Binary {}

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

/// The kind of an entry that publishes words.
#[derive(Debug)]
pub enum WordKind {}

impl ToSchema for WordKind {}

impl PartialSchema for WordKind {
    fn schema() -> RefOr<Schema> {
        let publishing = KINDS.iter().filter(|facts| facts.has_data_word);
        let names: Vec<&str> = publishing.map(|facts| facts.name).collect();
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

/// How data words travel to L1.
#[derive(Debug)]
pub enum DataMode {}

impl ToSchema for DataMode {}

impl PartialSchema for DataMode {
    fn schema() -> RefOr<Schema> {
        let modes = data_mode::DataMode::ALL.map(data_mode::DataMode::name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(modes)).into()
    }
}
