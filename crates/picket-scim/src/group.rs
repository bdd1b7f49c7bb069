//! Groups, as far as they are kept.

use crate::patch::{Op, Operation, Patch};
use crate::path::{Path, without_schema};
use crate::value::{list, member, object, text};
use crate::{Kind, ScimError};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is kept of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Its name.
    pub display_name: String,
    /// The provider's own id of it.
    pub external_id: Option<String>,
    /// Ids of who is in it.
    pub members: BTreeSet<String>,
}

impl Group {
    /// Reads a group as it is made or put.
    pub fn read(value: &Value) -> Result<Self, ScimError> {
        let all = object(value, "a group")?;
        let mut group = Self::default();
        for name in ["displayName", "externalId", "members"] {
            if let Some(value) = member(all, name).filter(|value| !value.is_null()) {
                group.set(&name.to_ascii_lowercase(), value, Op::Replace)?;
            }
        }
        group.checked()
    }

    /// The group once it is changed.
    pub fn patched(mut self, patch: &Patch) -> Result<Self, ScimError> {
        for operation in &patch.0 {
            self.change(operation)?;
        }
        self.checked()
    }

    fn checked(self) -> Result<Self, ScimError> {
        if self.display_name.is_empty() { Err(ScimError::value("a group needs `displayName`")) } else { Ok(self) }
    }

    fn change(&mut self, Operation { op, path, value }: &Operation) -> Result<(), ScimError> {
        let Some(path) = path else {
            if *op == Op::Remove {
                return Err(ScimError::bad("noTarget", "what is removed needs a `path`"));
            }
            let members = object(value, "the value of a change without a path")?;
            return members.iter().try_for_each(|(name, value)| match Path::parse(name) {
                Ok(path) => self.set(&path.name(), value, *op),
                Err(_) => Ok(()),
            });
        };
        if let Some(filter) = &path.filter {
            return self.change_one(path, filter, *op);
        }
        match (path.name().as_str(), op) {
            // Some name whom they remove in the value.
            ("members", Op::Remove) if !list(value).is_empty() => {
                let gone = ids(value)?;
                self.members.retain(|id| !gone.contains(id));
                Ok(())
            }
            (name, Op::Remove) => self.set(name, &Value::Null, Op::Replace),
            (name, op) => self.set(name, value, *op),
        }
    }

    /// A member that is named by a filter can only go; one that is not there is gone already.
    fn change_one(&mut self, path: &Path, filter: &crate::Filter, op: Op) -> Result<(), ScimError> {
        let id = filter.only("value").filter(|_| path.attribute == "members" && path.sub.is_none() && op == Op::Remove);
        let refuse =
            || ScimError::bad("invalidPath", "members are removed by members[value eq \"id\"], and added by value");
        self.members.remove(id.ok_or_else(refuse)?);
        Ok(())
    }

    fn set(&mut self, name: &str, value: &Value, op: Op) -> Result<(), ScimError> {
        match without_schema(name) {
            "displayname" => self.display_name = text(value, "displayName")?.unwrap_or_default(),
            "externalid" => self.external_id = text(value, "externalId")?,
            "members" if op == Op::Add => self.members.extend(ids(value)?),
            "members" => self.members = ids(value)?.into_iter().collect(),
            _ => {}
        }
        Ok(())
    }

    /// As the standard shows it, without what the service adds: `id`, `members` and `meta`.
    pub fn to_json(&self) -> Value {
        let mut shown = json!({"schemas": [Kind::Group.schema()], "displayName": self.display_name});
        if let (Some(members), Some(external)) = (shown.as_object_mut(), &self.external_id) {
            members.insert("externalId".to_owned(), external.as_str().into());
        }
        shown
    }
}

/// Ids of members: `{"value": id}`, or the id alone.
fn ids(value: &Value) -> Result<Vec<String>, ScimError> {
    let refuse = || ScimError::value("a member is written {\"value\": \"id\"}");
    list(value)
        .iter()
        .map(|item| {
            let id = match item {
                Value::Object(item) => member(item, "value"),
                plain => Some(plain),
            };
            id.and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned).ok_or_else(refuse)
        })
        .collect()
}
