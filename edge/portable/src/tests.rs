mod any_origin;
mod own;
