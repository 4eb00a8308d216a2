import { done } from "../done";
import { CONNECTOR, cursorTo, TAG, TIME } from "../examples";
import { named } from "../json-schema";
import type { Parameter, Section } from "../operation";
import {
  ClassicConnector,
  FleetConnector,
  FleetConnectors,
} from "../../src/api/connectors/responses";
import { ConnectorPatch, FleetConnectorInput } from "../../src/api/connectors/fleet-schemas";
import { ConnectorInput, Passthrough } from "../../src/api/connectors/schemas";

named(
  ConnectorInput,
  "ConnectorInput",
  "A connector as the classic API takes it: its options are those of its type.",
);
named(
  FleetConnectorInput,
  "FleetConnectorInput",
  "A connector as the fleet API takes it: its options are those of its type.",
);
named(
  ConnectorPatch,
  "FleetConnectorPatch",
  "What changes a connector: what is left out stays, options one by one.",
  {
    type: "Only what it is already.",
    options: "Merged one by one: null takes away a secret or `server_name`.",
    passthrough: "Replaced as a whole.",
    tags: "Ids of tags, replaced as a whole.",
    meta: "Ignored when it is sent back.",
  },
);
named(Passthrough, "Passthrough", "Traffic that bypasses the connector.");

const IS_SET = { is_set: true, last_updated_at: TIME };
const IS_NOT_SET = { is_set: false, last_updated_at: null };
const PASSTHROUGH = [{ protocol: "udp", ip: "192.0.2.53", port: 53 }];
const HTTPS = {
  type: "https",
  options: { url: "https://ingest.example.com/t", authorization: "Bearer s3cret" },
  passthrough: PASSTHROUGH,
};
const TLS = {
  type: "tls",
  options: { host: "broker.example.com", port: 8883, key: "-----BEGIN RSA PRIVATE KEY-----..." },
};
const AWS = {
  type: "aws_iot_core",
  options: { endpoint: "a1b2c3.iot.eu-west-1.amazonaws.com", topic: "fleet/data" },
};
const SHOWN = {
  type: "https",
  options: { url: "https://ingest.example.com/t" },
  passthrough: PASSTHROUGH,
  meta: { authorization: IS_SET },
};
const SHOWN_TLS = {
  type: "tls",
  options: { host: "broker.example.com", port: 8883 },
  passthrough: [],
  meta: { ca: IS_NOT_SET, cert: IS_NOT_SET, key: IS_SET },
};

const ID: Parameter = { what: "The connector's id.", example: CONNECTOR };
const NAME: Parameter = { what: "The connector's name.", example: CONNECTOR };

/** `/connector`: the connectors of the classic API. */
export const classicConnectorOperations: Section = {
  tag: "Connectors (classic)",
  what: "`/connector` of the classic API: where a SIM's traffic is routed. Secret options are never read back.",
  operations: {
    "GET /connector": {
      id: "getClassicConnector",
      summary: "Read a connector",
      description:
        "Answers the connector; of its secrets only whether they are set, and since when.",
      parameters: { id: ID },
      answers: {
        200: {
          what: "The connector.",
          schema: ClassicConnector,
          examples: { https: { id: CONNECTOR, ...SHOWN }, tls: { id: CONNECTOR, ...SHOWN_TLS } },
        },
      },
      errors: ["connector_not_found"],
    },
    "POST /connector": {
      id: "createClassicConnector",
      summary: "Make a connector",
      description: "Makes a connector; its id is chosen by you.",
      bodies: {
        https: { id: CONNECTOR, ...HTTPS },
        tls: { id: CONNECTOR, ...TLS },
        azure: {
          id: CONNECTOR,
          type: "microsoft_azure_iot",
          options: { connection_string: "HostName=fleet.azure-devices.net;SharedAccessKey=s3cret" },
        },
        aws: { id: CONNECTOR, ...AWS },
      },
      answers: { 200: done("It is made.") },
      errors: ["field_unknown", "tag_forbidden", "id_conflict", "connector_limit_reached"],
    },
    "PUT /connector": {
      id: "replaceClassicConnector",
      summary: "Replace a connector",
      description:
        "Replaces a connector. A secret that is left out stays, null takes it away, and another `type` drops them all.",
      bodies: { tls: { id: CONNECTOR, ...TLS } },
      answers: { 200: done("It is replaced.") },
      errors: ["field_unknown", "connector_not_found"],
    },
    "DELETE /connector": {
      id: "deleteClassicConnector",
      summary: "Delete a connector",
      description: "Deletes a connector that no SIM uses.",
      parameters: { id: ID },
      answers: { 200: done("It is deleted.") },
      errors: ["connector_not_found", "connector_in_use"],
    },
  },
};

/** `/connectors`: the connectors of the fleet API. */
export const fleetConnectorOperations: Section = {
  tag: "Connectors",
  what: "`/connectors` of the fleet API: the same connectors, by name.",
  operations: {
    "GET /connectors": {
      id: "listConnectors",
      summary: "List connectors",
      description:
        'A page of the account\'s connectors, oldest first. The header `Link` with `rel="next"` leads to the next one.',
      parameters: {
        next_page: {
          what: "The cursor of the page before.",
          example: cursorTo([1_795_493_584_000, CONNECTOR]),
        },
      },
      answers: {
        200: {
          what: "The connectors.",
          schema: FleetConnectors,
          examples: { one: [{ name: CONNECTOR, ...SHOWN, tags: [] }] },
        },
      },
    },
    "POST /connectors": {
      id: "createConnector",
      summary: "Make a connector",
      description: "Makes a connector; its name is chosen by you, and never changed.",
      bodies: {
        https: { name: CONNECTOR, ...HTTPS, tags: [TAG] },
        tls: { name: CONNECTOR, ...TLS },
        azure: {
          name: CONNECTOR,
          type: "microsoft_azure_iot",
          options: { connectionString: "HostName=fleet.azure-devices.net;SharedAccessKey=s3cret" },
        },
        aws: { name: CONNECTOR, ...AWS },
      },
      answers: {
        200: {
          what: "The connector.",
          schema: FleetConnector,
          examples: { tls: { name: CONNECTOR, ...SHOWN_TLS, tags: [] } },
        },
      },
      errors: ["tag_forbidden", "tag_not_found", "name_conflict", "connector_limit_reached"],
    },
    "GET /connectors/:name": {
      id: "getConnector",
      summary: "Read a connector",
      description:
        "Answers the connector; of its secrets only whether they are set, and since when.",
      parameters: { name: NAME },
      answers: {
        200: {
          what: "The connector.",
          schema: FleetConnector,
          examples: { https: { name: CONNECTOR, ...SHOWN, tags: [] } },
        },
      },
      errors: ["connector_not_found"],
    },
    "PATCH /connectors/:name": {
      id: "changeConnector",
      summary: "Change a connector",
      description: "Changes what the body names; the options are merged one by one.",
      parameters: { name: NAME },
      bodies: { secret: { options: { authorization: "Bearer n3w" } }, tags: { tags: [TAG] } },
      answers: {
        200: {
          what: "The connector as it is then.",
          schema: FleetConnector,
          examples: { https: { name: CONNECTOR, ...SHOWN, tags: [] } },
        },
      },
      errors: ["tag_forbidden", "connector_not_found", "tag_not_found"],
    },
    "DELETE /connectors/:name": {
      id: "deleteConnector",
      summary: "Delete a connector",
      description: "Deletes a connector that no SIM uses.",
      parameters: { name: NAME },
      answers: { 200: done("It is deleted.") },
      errors: ["connector_not_found", "connector_in_use"],
    },
  },
};
