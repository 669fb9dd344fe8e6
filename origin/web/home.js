// The example application: accounts, posts that everybody reads, notes that their owner reads.
'use strict';

const $ = (id) => document.getElementById(id);
const state = { token: null, account: null, bookmark: null };

/** Calls the API. Sends the token and the last write's bookmark; shows what the edge did. */
async function call(method, path, body, signedIn = true) {
  const headers = {};
  if (body) headers['Content-Type'] = 'application/json';
  if (signedIn && state.token) headers['Authorization'] = `Bearer ${state.token}`;
  if (state.bookmark) headers['Stepwell-Bookmark'] = state.bookmark;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  state.bookmark = response.headers.get('Stepwell-Bookmark') ?? state.bookmark;
  log(method, path, response);
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(answer.detail || answer.title);
  return answer;
}

function log(method, path, response) {
  const did = response.headers.get('Cache-Status') ?? '';
  const took = response.headers.get('Server-Timing') ?? '';
  $('log').prepend(item(`${response.status} ${method} ${path}`, did, took));
  while ($('log').children.length > 12) $('log').lastChild.remove();
}

function item(first, ...lines) {
  const li = document.createElement('li');
  li.append(first);
  for (const line of lines) {
    const small = document.createElement('small');
    small.textContent = line;
    li.append(document.createElement('br'), small);
  }
  return li;
}

function record(title, text, actions) {
  const li = document.createElement('li');
  const heading = document.createElement('h3');
  heading.textContent = title;
  const paragraph = document.createElement('p');
  paragraph.textContent = text ?? '';
  li.append(heading, paragraph);
  for (const [name, act] of actions) {
    const button = document.createElement('button');
    button.textContent = name;
    button.addEventListener('click', () => attempt(act));
    li.append(button, ' ');
  }
  return li;
}

async function showPosts() {
  const path = '/v1/collections/posts/records';
  const page = await call('GET', `${path}?limit=20&sort=-created`, null, false);
  $('posts').replaceChildren(...page.items.map((post) => {
    const own = state.account?.id === post.owner;
    const change = async () => {
      const title = prompt('Title', post.title);
      if (title) { await call('PATCH', `${path}/${post.id}`, { title }); await showPosts(); }
    };
    const remove = async () => { await call('DELETE', `${path}/${post.id}`); await showPosts(); };
    return record(post.title, post.body, own ? [['Change', change], ['Delete', remove]] : []);
  }));
}

async function showNotes() {
  const page = await call('GET', '/v1/collections/notes/records?limit=20&sort=-created');
  $('notes').replaceChildren(...page.items.map((note) => record(note.text, '', [])));
}

async function show() {
  const signedIn = state.token !== null;
  for (const id of ['new-post', 'notes-section', 'signed-in']) $(id).hidden = !signedIn;
  $('sign-in').hidden = signedIn;
  $('who').textContent = state.account?.email ?? '';
  await showPosts();
  if (signedIn) await showNotes();
}

/** Runs an action and tells what went wrong. */
async function attempt(action) {
  $('problem').hidden = true;
  try {
    await action();
  } catch (error) {
    $('problem').textContent = error.message;
    $('problem').hidden = false;
  }
}

function onSubmit(id, action) {
  $(id).addEventListener('submit', (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    attempt(() => action(Object.fromEntries(new FormData(form)), event.submitter, form));
  });
}

onSubmit('sign-in', async ({ email, password }, button) => {
  if (button?.value === 'sign-up') await call('POST', '/v1/accounts', { email, password });
  const session = await call('POST', '/v1/sessions', { email, password });
  state.token = session.access_token;
  state.account = session.account;
  await show();
});
onSubmit('new-post', async (post, _, form) => {
  await call('POST', '/v1/collections/posts/records', post);
  form.reset();
  await showPosts();
});
onSubmit('new-note', async (note, _, form) => {
  await call('POST', '/v1/collections/notes/records', note);
  form.reset();
  await showNotes();
});
$('reload').addEventListener('click', () => attempt(showPosts));
$('log-out').addEventListener('click', () => {
  Object.assign(state, { token: null, account: null });
  attempt(show);
});
attempt(show);
