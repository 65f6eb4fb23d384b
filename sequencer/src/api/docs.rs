//! `/docs`: a page that shows the OpenAPI document and sends requests to this sequencer. The files
//! of the page are in the program, and the page asks no other server for anything.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use swagger_ui_dist::{ApiDefinition, OpenApiSource, generate_routes};

use super::ApiState;

/// What the page may load and ask. Its script sets styles, and its style sheet has pictures.
const POLICY: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
);

/// Where the page is, seen from `/docs`. Names within the page are relative, too, so that a server
/// in front of this one may put something before the path.
const FOLDER: (HeaderName, HeaderValue) = (header::LOCATION, HeaderValue::from_static("docs/"));

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sheaf sequencer</title>
<link rel="stylesheet" href="files/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="files/swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"#;

/// Shows the document. `validatorUrl` would send it to a server elsewhere.
const START: &str = r##"SwaggerUIBundle({
    url: "../v1/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: "none"
});
"##;

/// The routes of the page, which belong to no version of the API.
pub(super) fn router() -> Router<ApiState> {
    let script = [(header::CONTENT_TYPE, "text/javascript")];
    let files = generate_routes(ApiDefinition {
        uri_prefix: "/docs/files",
        api_definition: OpenApiSource::Uri("../../v1/openapi.json"),
        title: None,
    });
    Router::new()
        .route("/docs", get(async || (StatusCode::PERMANENT_REDIRECT, [FOLDER])))
        .route("/docs/", get(async || Html(PAGE)))
        .route("/docs/start.js", get(async move || (script, START)))
        .merge(files.with_state(()))
        .layer(map_response(restrict))
}

async fn restrict(mut response: Response) -> impl IntoResponse {
    response.headers_mut().extend([POLICY]);
    response
}
