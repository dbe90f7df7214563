// What spectral asks of docs/openapi and docs/asyncapi.json: `make spectral`.
//
// The rule sets for OpenAPI and AsyncAPI, and that of OWASP's API Security Top 10 (2023). A rule that is off or asks less
// has its reason beside it; tests/contract/test_openapi.py asks more of descriptions and examples than any rule here.

import { asyncapi, oas } from "@stoplight/spectral-rulesets";
import owasp from "@stoplight/spectral-owasp-ruleset";
import { schema } from "@stoplight/spectral-functions";

// Limits guard what comes in. What goes out was decided, stored and limited before; a limit of its own would be a guess.
const asked = (type) => [
  `$.paths[*][*].requestBody.content[*].schema..[?(@ && @.type=='${type}')]`,
  `$.paths[*][*].parameters[*].schema..[?(@ && @.type=='${type}')]`,
  `$.paths[*][*].parameters[*].schema[?(@property === 'type' && @ === '${type}')]^`,
];
const ofRequests = (name, type, more = {}) => ({ [name]: { ...owasp.rules[name], given: asked(type), ...more } });

// A day, an instant and a pattern without repetition limit by themselves; a body that is a file is limited by its route.
const limited = {
  anyOf: [
    { required: ["maxLength"] },
    { required: ["enum"] },
    { required: ["const"] },
    { required: ["format"], properties: { format: { enum: ["date", "date-time", "binary"] } } },
    { required: ["pattern"], properties: { pattern: { pattern: "^\\^[^+*]*\\$$" } } },
  ],
};

// Health checks and the catalogue of problems answer whoever asks, so that nobody's requests are counted there.
const ofCallers = "$.paths[?(!@property.match(/^.(healthz|readyz|problems.*)$/))]..responses";
const ofOurRoutes = (name, given = ofCallers) => ({ [name]: { ...owasp.rules[name], given } });

export default {
  extends: [oas, asyncapi, owasp],
  rules: {
    ...ofRequests("owasp:api4:2023-string-limit", "string", {
      then: { function: schema, functionOptions: { schema: limited } },
    }),
    ...ofRequests("owasp:api4:2023-array-limit", "array"),
    ...ofRequests("owasp:api4:2023-integer-limit", "integer"),
    ...ofRequests("owasp:api4:2023-integer-format", "integer"),
    ...ofOurRoutes("owasp:api8:2023-define-error-responses-401"),
    ...ofOurRoutes("owasp:api8:2023-define-error-responses-500"),
    ...ofOurRoutes("owasp:api8:2023-define-error-validation"),
    ...ofOurRoutes("owasp:api4:2023-rate-limit-responses-429"),
    // 401 has none either: requests are counted by caller, and nobody knows who this is.
    ...ofOurRoutes("owasp:api4:2023-rate-limit", `${ofCallers}[?(@property.match(/^(2|40[^1]|4[^0])/))]`),
    // A name, a plan, a note is any text; where a text has a form, its pattern or format says so.
    "owasp:api4:2023-string-restricted": "off",
    // No browser of another site may call: the header is absent on purpose, and the console is served from this origin.
    "owasp:api8:2023-define-cors-origin": "off",
    // Health checks again; that every other operation has the scope of its route is a test of ours.
    "owasp:api2:2023-read-restricted": "off",
    // In OpenAPI 3.1 a bearer scheme lists what an operation asks for; the rule knows scopes of OAuth 2 alone.
    "oas3-operation-security-defined": "off",
    // Who runs a deployment is not known here; the document says so in a name, and has no address to give.
    "asyncapi-info-contact-properties": "off",
    // Payloads are JSON Schema 2020-12 files; the rule tells that spectral reads the default dialect alone. Our own tests
    // compare them and validate every example.
    "asyncapi-3-payload-unsupported-schemaFormat": "off",
  },
};
