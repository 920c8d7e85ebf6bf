// Renders /openapi.json as a page on which every operation can be tried. No dependencies: it has to
// work without a network, and everything it shows is put in as text, never as markup.

const el = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

const operationsOf = (api) =>
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );

const choicesOf = (schema) =>
  schema.enum ?? (schema.anyOf ?? []).flatMap((part) => part.enum ?? []);

const inputFor = (parameter) => {
  const choices = choicesOf(parameter.schema);
  const common = { name: parameter.name, required: parameter.required ?? false };
  if (choices.length === 0) {
    const placeholder = String(parameter.schema.default ?? "");
    return el("input", { ...common, placeholder });
  }
  return el("select", common, el("option", { value: "" }), ...choices.map((c) => el("option", {}, c)));
};

const field = (parameter) =>
  el(
    "label",
    {},
    el("span", {}, parameter.name, parameter.required ? " *" : ""),
    inputFor(parameter),
    el("small", {}, parameter.description ?? ""),
  );

const addressOf = (operation, values) => {
  const inPath = (name) => encodeURIComponent(values.get(name) ?? "");
  const path = operation.path.slice(1).replace(/\{(\w+)\}/g, (_, name) => inPath(name));
  const query = new URLSearchParams(
    (operation.parameters ?? [])
      .filter((p) => p.in === "query" && values.get(p.name))
      .map((p) => [p.name, values.get(p.name)]),
  );
  return query.size > 0 ? `${path}?${query}` : path;
};

const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

const credentials = () => {
  const shown = document.getElementById("credential").value.trim();
  return shown ? { authorization: `Bearer ${shown}` } : {};
};

const ask = async (operation, values, output) => {
  const body = values.get("body");
  const options = body
    ? { method: operation.method, body, headers: { "content-type": "application/json" } }
    : { method: operation.method };
  options.headers = { ...options.headers, ...credentials() };
  const address = addressOf(operation, values);
  output.textContent = `${operation.method.toUpperCase()} /${address}\n…`;
  const began = performance.now();
  const answer = await fetch(address, options);
  const text = await answer.text();
  const took = (performance.now() - began).toFixed(1);
  const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  output.textContent = `${answer.status} in ${took} ms\n${head}\n\n${pretty(text)}`;
};

const bodyField = (operation) => {
  const media = operation.requestBody?.content["application/json"];
  const value = JSON.stringify(media?.example ?? {}, null, 2);
  return media ? [el("label", {}, el("span", {}, "body"), el("textarea", { name: "body", value }))] : [];
};

const formFor = (operation, output) => {
  const fields = (operation.parameters ?? []).map(field);
  const form = el("form", {}, ...fields, ...bodyField(operation), el("button", {}, "Send"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(operation, new FormData(form), output).catch((error) => {
      output.textContent = String(error);
    });
  });
  return form;
};

const exampleOf = (operation) =>
  Object.values(operation.responses["200"]?.content ?? {})[0]?.example;

const card = (operation) => {
  const example = exampleOf(operation);
  const output = el("pre", {}, example === undefined ? "" : JSON.stringify(example, null, 2));
  const title = el("code", {}, `${operation.method.toUpperCase()} ${operation.path}`);
  const about = el("p", {}, operation.description ?? "");
  return el(
    "details",
    {},
    el("summary", {}, title, ` ${operation.summary ?? ""}`),
    el("div", {}, about, formFor(operation, output), output),
  );
};

const show = async () => {
  const api = await (await fetch("openapi.json")).json();
  document.getElementById("about").textContent = `${api.info.description} Version ${api.info.version}.`;
  const groups = Map.groupBy(operationsOf(api), (operation) => operation.tags?.[0] ?? "other");
  document
    .getElementById("operations")
    .append(...[...groups].flatMap(([tag, list]) => [el("h2", {}, tag), ...list.map(card)]));
};

show().catch((error) => {
  document.getElementById("about").textContent = `The description could not be read: ${error}`;
});
