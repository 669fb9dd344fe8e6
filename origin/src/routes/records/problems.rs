//! What clients are told when a record is not written.

use stepwell_shared::problem::{Code, FieldError, Problem};

use crate::collections::collection::Collection;
use crate::database::queries::records::write;
use crate::domain::access::Refusal;
use crate::domain::json::pointer_token;
use crate::routes::refused::Refused;

use super::named::no_such_record;

/// A refusal by the collection's rules. To one who may not know of the record, it does not exist.
pub fn refusal(refusal: Refusal) -> Refused {
    match refusal {
        Refusal::Hidden => no_such_record(),
        other => Problem::from(other).into(),
    }
}

/// A refusal by the database's constraints.
pub fn not_written(collection: &Collection, refused: write::Refused) -> Refused {
    let error = |place: usize, code: &str, detail: String| {
        let name = collection.fields.get(place).map_or("", |field| field.name.as_str());
        FieldError { pointer: format!("/{}", pointer_token(name)), code: code.to_owned(), detail }
    };
    match refused {
        write::Refused::Taken(place) => {
            let error = error(place, "unique", "another record has this value already".to_owned());
            let detail = format!("{}: {}", error.pointer, error.detail);
            Problem { code: Code::Conflict, detail, errors: vec![error] }.into()
        }
        write::Refused::Missing(place) => {
            Problem::invalid(vec![error(place, "missing", "names a record that does not exist".to_owned())])
                .into()
        }
        write::Refused::NoOwner => {
            Refused::new(Code::Unauthenticated, "the account of this token does not exist; sign up again")
        }
        write::Refused::InUse { collection, field } => {
            let detail = format!("records of {collection} name it in {field:?}; change or remove them first");
            Refused::new(Code::InUse, detail)
        }
        write::Refused::Failed(error) => error.into(),
    }
}

/// The record changed meanwhile.
pub fn version_mismatch(version: i64) -> Refused {
    let detail =
        format!("it is at version {version} now; read it again and repeat the change on what it says");
    Refused::new(Code::VersionMismatch, detail)
}

/// A problem of operation `place` of a batch, its pointers told from the root of the batch's body.
pub fn of_operation(place: usize, Refused(mut problem): Refused) -> Refused {
    let operation = format!("/operations/{place}");
    for error in &mut problem.errors {
        error.pointer = format!("{operation}/body{}", error.pointer);
    }
    if problem.errors.is_empty() {
        let detail = if problem.detail.is_empty() { problem.code.title() } else { &problem.detail };
        let code = problem.code.slug().to_owned();
        problem.errors.push(FieldError { pointer: operation.clone(), code, detail: detail.to_owned() });
    }
    problem.detail = format!("{operation}: nothing of the batch was done; see \"errors\"");
    Refused(problem)
}
