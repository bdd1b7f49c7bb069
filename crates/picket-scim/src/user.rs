//! Users, as far as they are kept.

use crate::patch::{Op, Operation, Patch};
use crate::path::{Path, without_schema};
use crate::value::{list, member, object, text, truth};
use crate::{Kind, ScimError};
use serde_json::{Map, Value, json};

/// What is kept of a user. Everything else that a provider sends is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct User {
    /// What he signs in with.
    pub user_name: String,
    /// The provider's own id of him.
    pub external_id: Option<String>,
    /// What he is called.
    pub display_name: Option<String>,
    /// His first name.
    pub given_name: Option<String>,
    /// His last name.
    pub family_name: Option<String>,
    /// Where mail reaches him.
    pub email: Option<String>,
    /// Whether he may come in.
    pub active: bool,
}

impl User {
    /// Reads a user as he is made or put.
    pub fn read(value: &Value) -> Result<Self, ScimError> {
        let members = object(value, "a user")?;
        let mut user = Self { active: true, ..Self::default() };
        for name in ["userName", "externalId", "displayName", "name", "emails", "active"] {
            if let Some(value) = member(members, name).filter(|value| !value.is_null()) {
                user.set(&name.to_ascii_lowercase(), value)?;
            }
        }
        user.checked()
    }

    /// The user once he is changed.
    pub fn patched(mut self, patch: &Patch) -> Result<Self, ScimError> {
        for operation in &patch.0 {
            self.change(operation)?;
        }
        self.checked()
    }

    fn checked(self) -> Result<Self, ScimError> {
        if self.user_name.is_empty() { Err(ScimError::value("a user needs `userName`")) } else { Ok(self) }
    }

    fn change(&mut self, Operation { op, path, value }: &Operation) -> Result<(), ScimError> {
        match (path, op) {
            (None, Op::Remove) => Err(ScimError::bad("noTarget", "what is removed needs a `path`")),
            // Without a path, the members of the value are the paths.
            (None, Op::Add | Op::Replace) => object(value, "the value of a change without a path")?
                .iter()
                .try_for_each(|(name, value)| match Path::parse(name) {
                    Ok(path) => self.set(&path.name(), value),
                    // Members of extensions have names that are no paths.
                    Err(_) => Ok(()),
                }),
            (Some(path), Op::Remove) => self.set(&path.name(), &Value::Null),
            (Some(path), Op::Add | Op::Replace) => self.set(&path.name(), value),
        }
    }

    /// Sets an attribute by its name in lower case; null takes it away.
    fn set(&mut self, name: &str, value: &Value) -> Result<(), ScimError> {
        match without_schema(name) {
            "username" => self.user_name = text(value, "userName")?.unwrap_or_default(),
            "externalid" => self.external_id = text(value, "externalId")?,
            "displayname" | "name.formatted" => self.display_name = text(value, "displayName")?,
            "name.givenname" => self.given_name = text(value, "givenName")?,
            "name.familyname" => self.family_name = text(value, "familyName")?,
            "name" => self.name(value)?,
            "emails" => self.email = email(value)?,
            "emails.value" => self.email = text(value, "emails.value")?,
            // Whoever takes it away lets nobody in.
            "active" => self.active = !value.is_null() && truth(value, "active")?,
            _ => {}
        }
        Ok(())
    }

    fn name(&mut self, value: &Value) -> Result<(), ScimError> {
        let nothing = Map::new();
        let parts = if value.is_null() { &nothing } else { object(value, "`name`")? };
        let part = |name: &str| member(parts, name).map_or(Ok(None), |value| text(value, name));
        (self.given_name, self.family_name) = (part("givenName")?, part("familyName")?);
        if let Some(formatted) = part("formatted")?.filter(|_| self.display_name.is_none()) {
            self.display_name = Some(formatted);
        }
        Ok(())
    }

    /// What he is called, of whatever was sent.
    pub fn full_name(&self) -> Option<String> {
        let parts: Vec<&str> =
            [&self.given_name, &self.family_name].into_iter().flatten().map(String::as_str).collect();
        self.display_name.clone().or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
    }

    /// As the standard shows him, without what the service adds: `id`, `groups` and `meta`.
    pub fn to_json(&self) -> Value {
        let mut shown = json!({"schemas": [Kind::User.schema()], "userName": self.user_name, "active": self.active});
        let mut put = |name: &str, value: Option<Value>| {
            if let (Some(members), Some(value)) = (shown.as_object_mut(), value) {
                members.insert(name.to_owned(), value);
            }
        };
        put("externalId", self.external_id.clone().map(Value::from));
        put("displayName", self.full_name().map(Value::from));
        put("emails", self.email.as_ref().map(|email| json!([{"value": email, "type": "work", "primary": true}])));
        let parts = [
            ("givenName", self.given_name.clone()),
            ("familyName", self.family_name.clone()),
            ("formatted", self.full_name()),
        ];
        let parts: Map<String, Value> =
            parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), Value::from(part?)))).collect();
        put("name", (!parts.is_empty()).then_some(Value::Object(parts)));
        shown
    }
}

/// The address that counts: the one that is said to, or the first.
fn email(value: &Value) -> Result<Option<String>, ScimError> {
    let items = list(value);
    let is_primary = |item: &&Value| {
        let primary = item.as_object().and_then(|item| member(item, "primary"));
        primary.is_some_and(|primary| truth(primary, "primary") == Ok(true))
    };
    match items.iter().find(is_primary).or_else(|| items.first()) {
        None => Ok(None),
        Some(Value::Object(item)) => member(item, "value").map_or(Ok(None), |value| text(value, "emails.value")),
        Some(plain) => text(plain, "emails"),
    }
}
