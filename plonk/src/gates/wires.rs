//! Named wires: structures that give the columns of a row names.

/// A list of values with names, in the order of their columns.
pub trait Wires<V: Copy>: Copy {
    /// The number of columns of the structure.
    const LENGTH: usize;

    /// Reads the structure from `next`, which returns the value of each column in order.
    fn read(next: &mut impl FnMut() -> V) -> Self;

    /// Passes the values to `each`, in the order of their columns.
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
    /// No wires: the outputs of a row that computes nothing, or the hints of a row without hints.
    Nothing {
        /// No columns.
        none: 0,
    }
}
