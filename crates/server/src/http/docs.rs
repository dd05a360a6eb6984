//! A page that shows the API's description: plain HTML without a script, so it needs no exception
//! from the content security policy.

use std::fmt::Write as _;

use serde_json::Value;
use utoipa::openapi::OpenApi;

/// The page's style sheet, at `/api/docs.css`.
pub const STYLE: &str = include_str!("docs.css");

/// The page as HTML.
#[must_use]
pub fn page(description: &OpenApi) -> String {
    let description = serde_json::to_value(description).unwrap_or_default();
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Doorpost API</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/api/docs.css\"></head><body><main><h1>Doorpost API</h1>",
    );
    paragraph(&mut html, text(&description["info"]["description"]));
    html.push_str("<p>For programs: <a href=\"/api/openapi.json\">openapi.json</a></p><h2>Requests</h2>");
    for (path, item) in entries(&description["paths"]) {
        for (method, operation) in entries(item) {
            operation_section(&mut html, method, path, operation);
        }
    }
    html.push_str("<h2>Types</h2>");
    for (name, schema) in entries(&description["components"]["schemas"]) {
        let _ = write!(html, "<section id=\"type-{0}\"><h3>{0}</h3>", escape(name));
        paragraph(&mut html, text(&schema["description"]));
        let _ = write!(html, "<pre tabindex=\"0\">{}</pre></section>", escape(&pretty(schema)));
    }
    html.push_str("</main></body></html>");
    html
}

fn operation_section(html: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = write!(
        html,
        "<details><summary><b>{}</b> <code>{}</code> <span>{}</span></summary>",
        escape(&method.to_uppercase()),
        escape(path),
        escape(text(&operation["summary"]))
    );
    paragraph(html, text(&operation["description"]));
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let _ = write!(
            html,
            "<p><code>{}</code> in {}: {} {}</p>",
            escape(text(&parameter["name"])),
            escape(text(&parameter["in"])),
            type_of(&parameter["schema"]),
            escape(text(&parameter["description"]))
        );
    }
    for (_, content) in entries(&operation["requestBody"]["content"]) {
        let _ = write!(html, "<p>Body: {}</p>", type_of(&content["schema"]));
    }
    for (status, response) in entries(&operation["responses"]) {
        let _ = write!(html, "<p>{}: {}", escape(status), escape(text(&response["description"])));
        for (_, content) in entries(&response["content"]) {
            let _ = write!(html, " {}", type_of(&content["schema"]));
        }
        html.push_str("</p>");
    }
    html.push_str("</details>");
}

/// A link to a named type, or the schema itself where it is small.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#type-{0}\">{0}</a>", escape(name));
    }
    if schema["type"] == "array" {
        return format!("list of {}", type_of(&schema["items"]));
    }
    format!("<code>{}</code>", escape(&schema["type"].to_string()))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn paragraph(html: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = write!(html, "<p>{}</p>", escape(text));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
