/** Names of a version's files. They stand apart from the files' schemas: a cold start needs no schema. */

export const MODEL_FILE = 'model.onnx';
export const SIGNATURE_FILE = 'signature.json';
export const METRICS_FILE = 'metrics.json';
export const MANIFEST_FILE = 'manifest.json';
export const REFERENCE_PROFILE_FILE = 'reference-profile.json';
export const EVALUATION_FILE = 'evaluation.json';
/** How features are had from entities; only of a model with feature views. */
export const FEATURE_VIEWS_FILE = 'feature-views.json';
/** How MLflow's clients load the model; its name has no ending there. */
export const MLMODEL_FILE = 'MLmodel';
/** What predictions are explained by. */
export const EXPLANATION_FILE = 'explanation.json';
/** What a person approves a version from, as data and as a page: files of the version's manifest. */
export const REPORT_FILE = 'report.json';
export const REPORT_PAGE_FILE = 'report.html';
