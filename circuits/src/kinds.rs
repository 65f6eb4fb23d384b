//! The three kinds of path that a batch consists of.

use sheaf_wire::LeafKind;

/// One value for each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds<T> {
    /// Of entries.
    pub entry: T,
    /// Of signatures.
    pub signature: T,
    /// Of words.
    pub data: T,
}

impl<T> Kinds<T> {
    /// The kinds in the order in which the batch proof takes them.
    pub const ALL: [LeafKind; 3] = [LeafKind::Entry, LeafKind::Signature, LeafKind::Data];

    /// The value of one kind.
    pub const fn get(&self, kind: LeafKind) -> &T {
        match kind {
            LeafKind::Entry => &self.entry,
            LeafKind::Signature => &self.signature,
            LeafKind::Data => &self.data,
        }
    }

    /// The same for each kind, from its value.
    pub fn map<U>(self, mut each: impl FnMut(LeafKind, T) -> U) -> Kinds<U> {
        let Self { entry, signature, data } = self;
        Kinds {
            entry: each(LeafKind::Entry, entry),
            signature: each(LeafKind::Signature, signature),
            data: each(LeafKind::Data, data),
        }
    }

    /// References to each.
    pub const fn as_ref(&self) -> Kinds<&T> {
        let Self { entry, signature, data } = self;
        Kinds { entry, signature, data }
    }
}
