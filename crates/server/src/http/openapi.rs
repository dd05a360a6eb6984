//! The API's description, generated from the handlers.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Doorpost",
        description = "Posts that lead into private, end-to-end encrypted chats. Byte strings are base64url without \
                       padding; times are milliseconds since 1970. Every error has the shape of `ApiError`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(doorpost_model::ApiError, doorpost_model::ErrorCode)),
    modifiers(&Security)
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, description: &mut openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        );
        components
            .add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-doorpost"))));
    }
}

/// All routes under `/api`, with their description.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api", crate::routes())
}

/// The OpenAPI document as pretty JSON with a final newline, the same each time.
#[must_use]
pub fn openapi_json() -> String {
    let (_, description) = api().split_for_parts();
    let mut json = description.to_pretty_json().expect("the description is plain data");
    json.push('\n');
    json
}
