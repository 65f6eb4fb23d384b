//! The three kinds of segments that a batch proof joins: entries, signatures and words.

use sheaf_wire::LeafKind;

/// One value for each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds<T> {
    /// The value for entries.
    pub entry: T,
    /// The value for signatures.
    pub signature: T,
    /// The value for words.
    pub data: T,
}

impl<T> Kinds<T> {
    /// The kinds in the order in which the batch proof takes them.
    pub const ALL: [LeafKind; 3] = [LeafKind::Entry, LeafKind::Signature, LeafKind::Data];

    /// The values that `each` returns for the kinds.
    pub fn of(mut each: impl FnMut(LeafKind) -> T) -> Self {
        let [entry, signature, data] = Kinds::<()>::ALL.map(&mut each);
        Self { entry, signature, data }
    }

    /// The value of one kind.
    pub const fn get(&self, kind: LeafKind) -> &T {
        match kind {
            LeafKind::Entry => &self.entry,
            LeafKind::Signature => &self.signature,
            LeafKind::Data => &self.data,
        }
    }

    /// Calls `each` with every kind and its value; returns the results by kind.
    pub fn map<U>(self, mut each: impl FnMut(LeafKind, T) -> U) -> Kinds<U> {
        let Self { entry, signature, data } = self;
        Kinds {
            entry: each(LeafKind::Entry, entry),
            signature: each(LeafKind::Signature, signature),
            data: each(LeafKind::Data, data),
        }
    }

    /// A reference to the value of each kind.
    pub const fn as_ref(&self) -> Kinds<&T> {
        let Self { entry, signature, data } = self;
        Kinds { entry, signature, data }
    }
}
