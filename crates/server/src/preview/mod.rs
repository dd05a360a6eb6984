//! What is behind a link, looked up for somebody who is about to send it. The server learns the link and who asks, not
//! where it will be sent; nothing is kept.

mod look;
mod routes;

pub use look::Previews;
pub use routes::routes;
