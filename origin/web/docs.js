// Shows the OpenAPI document: each operation with its parameters, bodies and answers.
'use strict';

/** An element with text and children. */
function el(name, text, ...children) {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

/** Follows a reference within the document. */
function resolve(document, value) {
  if (!value?.$ref) return value;
  const path = value.$ref.slice(2).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return resolve(document, path.reduce((at, key) => at?.[key], document));
}

function content(document, title, holder) {
  const parts = [];
  for (const [type, media] of Object.entries(resolve(document, holder)?.content ?? {})) {
    const shown = media.example ?? resolve(document, media.schema);
    parts.push(el('h4', `${title}: ${type}`), el('pre', JSON.stringify(shown, null, 2)));
  }
  return parts;
}

function parameters(document, list) {
  if (!list?.length) return [];
  const items = list.map((given) => {
    const parameter = resolve(document, given);
    return el('li', '', el('code', parameter.name), ` in ${parameter.in}. ${parameter.description ?? ''}`);
  });
  return [el('h4', 'Parameters'), el('ul', '', ...items)];
}

function operation(document, path, method, described) {
  const details = el('details');
  const label = el('span', method.toUpperCase());
  label.className = 'method';
  details.append(el('summary', '', label, el('code', path), ` ${described.summary ?? ''}`));
  if (described.description) details.append(el('p', described.description));
  details.append(...parameters(document, described.parameters), ...content(document, 'Body', described.requestBody));
  for (const [status, given] of Object.entries(described.responses ?? {})) {
    const response = resolve(document, given);
    details.append(el('h4', `${status} ${response.description ?? ''}`), ...content(document, 'Answer', response));
  }
  return el('li', '', details);
}

async function show() {
  const main = window.document.getElementById('operations');
  const document = await (await fetch('/v1/openapi.json')).json();
  const methods = ['get', 'post', 'patch', 'put', 'delete'];
  const byTag = new Map();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods.filter((name) => item[name])) {
      const tag = item[method].tags?.[0] ?? 'other';
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push(operation(document, path, method, item[method]));
    }
  }
  main.replaceChildren(...[...byTag].flatMap(([tag, operations]) => [el('h2', tag), el('ul', '', ...operations)]));
}

show();
