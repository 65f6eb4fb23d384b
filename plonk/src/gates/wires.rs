//! Named wires: structures that say which columns of a row carry what.

/// A list of values with names, in the order of their columns.
pub trait Wires<V: Copy>: Copy {
    /// Columns that the structure takes.
    const LENGTH: usize;

    /// Reads the structure, one value a column in order.
    fn read(next: &mut impl FnMut() -> V) -> Self;

    /// Visits the values in the order of their columns.
    fn visit(&self, each: &mut impl FnMut(V));
}

/// Declares a structure of wires: names and lengths in the order of the columns.
#[macro_export]
macro_rules! wires {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $length:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        #[allow(unreachable_pub, reason = "rows of a private module are wired, too")]
        pub struct $name<V> {
            $($(#[$doc])* pub $field: [V; $length],)*
        }

        impl<V: Copy> $crate::gates::wires::Wires<V> for $name<V> {
            const LENGTH: usize = 0 $(+ $length)*;

            #[inline]
            fn read(next: &mut impl FnMut() -> V) -> Self {
                Self { $($field: core::array::from_fn(|_| next()),)* }
            }

            #[inline]
            fn visit(&self, each: &mut impl FnMut(V)) {
                $(self.$field.iter().for_each(|value| each(*value));)*
            }
        }
    };
}

pub use wires;

wires! {
    /// What a row has that computes nothing, or takes no hints.
    Nothing {
        /// No columns.
        none: 0,
    }
}
