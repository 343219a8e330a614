//! JSON read without a schema that can fail: a value of an unexpected kind reads as absent, numbers may be
//! written as text, the last of equal keys wins, `snake_case` keys are taken for `camelCase`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::cursor::{Cursor, Next, Read, Step};

/// Makes a struct whose fields are read from the named keys. `from FIELD` says which field takes the value
/// when the report has a bare string where the object should be. `<T>` is the type of its texts, borrowed or owned:
/// what an index and a detail both read has one shape.
macro_rules! lenient {
    (@bare) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (@bare $field:ident) => {
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            let mut read = Self::Value::default();
            read.$field = text.to_owned().into();
            Ok(read)
        }
    };
    ($(#[$meta:meta])* $name:ident $(<$life:lifetime>)? $(<$text:ident>)? $(from $bare:ident)? {
        $($(#[$field_meta:meta])* $field:ident : $type:ty = $($key:literal)|+),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default)]
        pub(in crate::ingest) struct $name $(<$life>)? $(<$text>)? { $($(#[$field_meta])* pub(in crate::ingest) $field: $type),* }

        impl<'de $(: $life, $life)? $(, $text: $crate::ingest::json::Words<'de>)?> serde::de::Deserialize<'de>
            for $name $(<$life>)? $(<$text>)?
        {
            fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::ingest::json::Fields(std::marker::PhantomData::<Self>))
            }
        }

        impl $(<$life>)? $(<$text>)? $name $(<$life>)? $(<$text>)? {
            /// Reads the value of a key that is known.
            #[inline]
            fn field<'de $(: $life)?, A: serde::de::MapAccess<'de>>(
                read: &mut Self,
                key: &str,
                map: &mut A,
            ) -> Result<bool, A::Error>
            $(where $text: $crate::ingest::json::Words<'de>)?
            {
                match key {
                    $($($key)|+ => read.$field = map.next_value()?,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl<'de $(: $life, $life)? $(, $text: $crate::ingest::json::Words<'de>)?> serde::de::Visitor<'de>
            for $crate::ingest::json::Fields<$name $(<$life>)? $(<$text>)?>
        {
            type Value = $name $(<$life>)? $(<$text>)?;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut read = Self::Value::default();
                while let Some(key) = map.next_key::<$crate::ingest::json::Key<'de>>()? {
                    if !Self::Value::field(&mut read, &key.0, &mut map)?
                        && !(key.0.contains('_') && Self::Value::field(&mut read, &key.camel(), &mut map)?)
                    {
                        map.next_value::<serde::de::IgnoredAny>()?;
                    }
                }
                Ok(read)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                $crate::ingest::json::skip_rest(seq)?;
                Ok(Self::Value::default())
            }

            $crate::ingest::json::scalars_read_as_absent!();

            $crate::ingest::json::lenient!(@bare $($bare)?);
        }
    };
}
pub(super) use lenient;

/// Makes the quick reader ([`Read`]) of a struct, from the same table of keys as `lenient`.
macro_rules! quick {
    (@bare $read:ident $from:ident) => {
        $from.skip()
    };
    (@bare $read:ident $from:ident $field:ident) => {{
        $read.$field = $from.string()?.into_owned().into();
        Ok(())
    }};
    ($(#[$meta:meta])* $name:ident <$life:lifetime> { $($table:tt)* }) => {
        $crate::ingest::json::quick! { @from $life, $name [$life] { $($table)* } }
    };
    ($(#[$meta:meta])* $name:ident $(<$text:ident>)? $(from $bare:ident)? { $($table:tt)* }) => {
        $crate::ingest::json::quick! { @from 'de, $name [$($text)?] $(from $bare)? { $($table)* } }
    };
    (@from $de:lifetime, $name:ident [$($own:lifetime)? $($text:ident)?] $(from $bare:ident)? {
        $($(#[$field_meta:meta])* $field:ident : $type:ty = $($key:literal)|+),* $(,)?
    }) => {
        impl<$de $(, $text: $crate::ingest::json::QuickWords<$de>)?> $name $(<$own>)? $(<$text>)? {
            /// Reads the value of a key that is known; `false` if it is not. Of equal keys the last counts.
            #[inline]
            fn quick_field(
                &mut self,
                key: &str,
                seen: &mut u32,
                from: &mut $crate::ingest::cursor::Cursor<$de>,
            ) -> $crate::ingest::cursor::Step<bool> {
                #[expect(non_camel_case_types, reason = "named as the fields are, to number them")]
                enum Number {
                    $($field),*
                }
                match key {
                    $($($key)|+ => {
                        let bit = 1 << Number::$field as u32;
                        if *seen & bit != 0 {
                            self.$field = Default::default();
                        }
                        *seen |= bit;
                        $crate::ingest::cursor::Read::read(&mut self.$field, from)?;
                    })*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl<$de $(, $text: $crate::ingest::json::QuickWords<$de>)?> $crate::ingest::cursor::Read<$de>
            for $name $(<$own>)? $(<$text>)?
        {
            fn read(&mut self, from: &mut $crate::ingest::cursor::Cursor<$de>) -> $crate::ingest::cursor::Step<()> {
                match from.next()? {
                    $crate::ingest::cursor::Next::Object => {
                        let mut seen = 0;
                        from.object(|from, key| {
                            if self.quick_field(key, &mut seen, from)? {
                                return Ok(());
                            }
                            let is_known = key.contains('_') && {
                                let camel = $crate::ingest::json::Key(key.into()).camel().into_owned();
                                self.quick_field(&camel, &mut seen, from)?
                            };
                            if is_known { Ok(()) } else { from.skip() }
                        })
                    }
                    $crate::ingest::cursor::Next::Text => $crate::ingest::json::quick!(@bare self from $($bare)?),
                    $crate::ingest::cursor::Next::Array
                    | $crate::ingest::cursor::Next::Number
                    | $crate::ingest::cursor::Next::Word => from.scalar().map(drop),
                }
            }
        }
    };
}
pub(super) use quick;

/// A struct that only the index reads.
macro_rules! indexed {
    ($(#[$meta:meta])* $name:ident $(<$life:lifetime>)? {
        $($(#[$field_meta:meta])* $field:ident : $type:ty = $($key:literal)|+),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default)]
        pub(in crate::ingest) struct $name $(<$life>)? { $($(#[$field_meta])* pub(in crate::ingest) $field: $type),* }

        $crate::ingest::json::quick! { $name $(<$life>)? { $($field: $type = $($key)|+),* } }
    };
}
pub(super) use indexed;

/// A struct that is read by the index and by details: see `lenient` and `quick`.
macro_rules! shared {
    ($($all:tt)*) => {
        $crate::ingest::json::lenient! { $($all)* }
        $crate::ingest::json::quick! { $($all)* }
    };
}
pub(super) use shared;

/// The visitor methods for values that stand where an object or array should.
macro_rules! scalars_read_as_absent {
    () => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}
pub(super) use scalars_read_as_absent;

/// Visitor of a lenient struct.
pub(super) struct Fields<T>(pub(super) PhantomData<T>);

/// Reads the rest of an array and drops it.
pub(super) fn skip_rest<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Any value, as far as a single word or number goes.
#[derive(Clone, Debug, Default)]
pub(super) enum Scalar<'a> {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
    /// An object or array.
    Nested,
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Real(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_rest(seq)?;
        Ok(Scalar::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl<'a> Scalar<'a> {
    #[inline]
    fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Int(value) => Some(Cow::Owned(value.to_string())),
            Self::Real(value) => Some(Cow::Owned(value.to_string())),
            Self::Bool(value) => Some(Cow::Owned(value.to_string())),
            Self::Null | Self::Nested => None,
        }
    }

    fn into_real(self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "scores and ranks are small")]
            Self::Int(value) => Some(value as f64),
            Self::Real(value) => Some(value),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Null | Self::Bool(_) | Self::Nested => None,
        }
        .filter(|value| value.is_finite())
    }

    /// Whole numbers; a fraction or other text is no number here.
    fn into_int(self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(value),
            Self::Text(text) => text.trim().parse().ok().or_else(|| text.trim().parse().ok().and_then(whole)),
            Self::Real(value) => whole(value),
            Self::Null | Self::Bool(_) | Self::Nested => None,
        }
    }
}

fn whole(value: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is what an impossible line needs")]
    (value.fract() == 0.0).then_some(value as i64)
}

/// A text that may be absent, whoever owns it.
pub(super) trait Said {
    fn get(&self) -> Option<&str>;
}

/// A text that a lenient struct can be made of.
pub(super) trait Words<'de>: Said + Deserialize<'de> + Default + From<String> {}

impl<'de, T: Said + Deserialize<'de> + Default + From<String>> Words<'de> for T {}

/// The same for the quick reader.
pub(super) trait QuickWords<'a>: Said + Read<'a> + From<String> {}

impl<'a, T: Said + Read<'a> + From<String>> QuickWords<'a> for T {}

/// Text borrowed from the report where it has no escapes.
#[derive(Clone, Debug, Default)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

impl Said for Text<'_> {
    fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Some(Cow::Owned(text)))
    }
}

impl<'a> Read<'a> for Text<'a> {
    #[inline]
    fn read(&mut self, from: &mut Cursor<'a>) -> Step<()> {
        self.0 = match from.next()? {
            Next::Text => Some(from.string()?),
            Next::Object | Next::Array | Next::Number | Next::Word => from.scalar()?.into_text(),
        };
        Ok(())
    }
}

/// Text of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Owned(pub(super) Option<String>);

impl Said for Owned {
    fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl From<String> for Owned {
    fn from(text: String) -> Self {
        Self(Some(text))
    }
}

impl<'de> Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer).map(|scalar| Self(scalar.into_text().map(Cow::into_owned)))
    }
}

/// Whether there is a value, whatever it says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stated(pub(super) bool);

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer).map(|scalar| Self(!matches!(scalar, Scalar::Null)))
    }
}

/// A whole number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Int(pub(super) Option<i64>);

impl Int {
    /// The number as a position in an array; negative numbers are SARIF's "absent".
    pub(super) fn position(self) -> Option<usize> {
        self.0.and_then(|value| usize::try_from(value).ok())
    }
}

impl<'de> Deserialize<'de> for Int {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer).map(|scalar| Self(scalar.into_int()))
    }
}

impl<'a> Read<'a> for Int {
    #[inline]
    fn read(&mut self, from: &mut Cursor<'a>) -> Step<()> {
        from.next()?;
        self.0 = match from.plain_number() {
            Some(number) => Some(number),
            None => from.scalar()?.into_int(),
        };
        Ok(())
    }
}

/// A finite number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Real(pub(super) Option<f64>);

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer).map(|scalar| Self(scalar.into_real()))
    }
}

/// A value that is rarely there: it takes no room in the many that do not have it.
#[derive(Clone, Debug)]
pub(super) struct Rare<T>(Option<Box<T>>);

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Rare<T> {
    pub(super) fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Self(Some(Box::new(value))))
    }
}

impl<'a, T: Read<'a>> Read<'a> for Rare<T> {
    fn read(&mut self, from: &mut Cursor<'a>) -> Step<()> {
        self.0.insert(Box::default()).read(from)
    }
}

/// A key of an object.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl Key<'_> {
    /// The key with `snake_case` written as `snakeCase`.
    pub(super) fn camel(&self) -> Cow<'_, str> {
        if !self.0.contains('_') {
            return Cow::Borrowed(&self.0);
        }
        let mut camel = String::with_capacity(self.0.len());
        let mut is_after_underscore = false;
        for c in self.0.chars() {
            if c == '_' {
                is_after_underscore = true;
            } else if std::mem::take(&mut is_after_underscore) {
                camel.extend(c.to_uppercase());
            } else {
                camel.push(c);
            }
        }
        Cow::Owned(camel)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    #[inline]
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// An array; a bare string, number or object reads as an array of one.
#[derive(Clone, Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Fields(PhantomData::<Self>))
    }
}

impl<'a, T: Read<'a>> Read<'a> for List<T> {
    fn read(&mut self, from: &mut Cursor<'a>) -> Step<()> {
        match from.next()? {
            Next::Array => from.array(|from| self.add(from)),
            Next::Object | Next::Text | Next::Number => self.add(from),
            Next::Word => from.scalar().map(drop),
        }
    }
}

impl<T> List<T> {
    fn add<'a>(&mut self, from: &mut Cursor<'a>) -> Step<()>
    where
        T: Read<'a>,
    {
        let mut element = T::default();
        element.read(from)?;
        self.0.push(element);
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<List<T>> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(List(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(List(vec![T::deserialize(text.into_deserializer())?]))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(List(vec![T::deserialize(number.into_deserializer())?]))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(List(vec![T::deserialize(number.into_deserializer())?]))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(List(vec![T::deserialize(number.into_deserializer())?]))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(List::default())
    }
}

/// An array of which only the first element is read.
#[derive(Clone, Debug, Default)]
pub(super) struct First<T>(pub(super) Option<T>);

impl<'a, T: Read<'a>> Read<'a> for First<T> {
    fn read(&mut self, from: &mut Cursor<'a>) -> Step<()> {
        match from.next()? {
            Next::Array => {
                from.array(|from| if self.0.is_some() { from.skip() } else { self.0.insert(T::default()).read(from) })
            }
            Next::Object => self.0.insert(T::default()).read(from),
            Next::Text | Next::Number | Next::Word => from.scalar().map(drop),
        }
    }
}

/// How many elements an array has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count(pub(super) usize);

impl<'a> Read<'a> for Count {
    fn read(&mut self, from: &mut Cursor<'a>) -> Step<()> {
        match from.next()? {
            Next::Array => from.array(|from| {
                self.0 += 1;
                from.skip()
            }),
            Next::Object | Next::Text | Next::Number => {
                self.0 = 1;
                from.skip()
            }
            Next::Word => from.scalar().map(drop),
        }
    }
}

/// An object as its entries in the report's order.
#[derive(Clone, Debug)]
pub(super) struct Entries<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Entries<T> {
    /// The value of a key, the last one where it is repeated.
    pub(super) fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Fields(PhantomData::<Self>))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<Entries<T>> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            entries.push((key.0.into_owned(), map.next_value()?));
        }
        Ok(Entries(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_rest(seq)?;
        Ok(Entries::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Entries::default())
    }

    scalars_read_as_absent!();
}

/// A property bag: names with their values as JSON text.
#[derive(Clone, Debug, Default)]
pub(super) struct Bag<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

/// A property bag of its own.
pub(super) type OwnedBag = Entries<Box<RawValue>>;

impl<'de: 'a, 'a> Deserialize<'de> for Bag<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Fields(PhantomData::<Self>))
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Fields<Bag<'a>> {
    type Value = Bag<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            entries.push((key.0, map.next_value::<&'de RawValue>()?));
        }
        Ok(Bag(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        skip_rest(seq)?;
        Ok(Bag::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Bag::default())
    }

    scalars_read_as_absent!();
}

/// A property bag to look names up in, whichever of the two it is.
pub(super) trait Properties {
    /// Whether there is none.
    fn is_empty(&self) -> bool;

    /// The JSON text of a property, the last one where it is repeated.
    fn raw(&self, name: &str) -> Option<&str>;

    /// A property as text: strings unquoted, numbers as written, nothing for null, objects and arrays.
    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str::<Scalar<'_>>(self.raw(name)?).ok()?.into_text().map(Cow::into_owned)
    }

    /// A property as a number.
    fn real(&self, name: &str) -> Option<f64> {
        serde_json::from_str::<Real>(self.raw(name)?).ok()?.0
    }

    /// A property as a list of texts; one text is a list of one.
    fn texts(&self, name: &str) -> Vec<String> {
        let list = self.raw(name).and_then(|raw| serde_json::from_str::<List<Owned>>(raw).ok());
        list.unwrap_or_default().0.into_iter().filter_map(|text| text.0).collect()
    }
}

impl Properties for Bag<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.get())
    }
}

impl Properties for OwnedBag {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.get(name).map(|value| value.get())
    }
}
