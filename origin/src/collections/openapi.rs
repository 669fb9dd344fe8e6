//! The OpenAPI 3.1 document: what the declared collections and the fixed routes look like to a program. (Being built.)
