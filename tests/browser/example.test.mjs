// The example application, as a person uses it in a browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { start } from './server.mjs';

// What a headless browser as root in a closed network needs; the last ones keep it from calling home.
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

let server;
let browser;

before(async () => {
  server = await start();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page of a person of their own, and what went wrong on it. */
async function visit(path = '/') {
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto(server.base + path);
  return { page, errors };
}

async function signUp(page, email) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('a stepwell has many steps');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText(`Signed in as ${email}`).waitFor();
  assert.equal(await page.getByLabel('Password').isVisible(), false, 'who is signed in needs no form for it');
}

test('one person publishes, and another reads it from the edge', async () => {
  const ada = await visit();
  await signUp(ada.page, 'ada@example.org');
  await ada.page.getByLabel('Title').fill('Water');
  await ada.page.getByLabel('Text').fill('It is <b>down</b> there.');
  await ada.page.getByRole('button', { name: 'Publish' }).click();
  await ada.page.getByRole('heading', { name: 'Water' }).waitFor();

  const bob = await visit();
  await bob.page.getByRole('heading', { name: 'Water' }).waitFor();
  // What a person wrote is text, not markup.
  await bob.page.getByText('It is <b>down</b> there.').waitFor();
  await bob.page.getByRole('button', { name: 'Read again' }).click();
  await bob.page.locator('#log li').filter({ hasText: 'stepwell; hit' }).first().waitFor();
  assert.equal(await bob.page.getByRole('button', { name: 'Change' }).count(), 0, 'only its owner may change it');

  ada.page.once('dialog', (dialog) => dialog.accept('Deep water'));
  await ada.page.getByRole('button', { name: 'Change' }).click();
  await ada.page.getByRole('heading', { name: 'Deep water' }).waitFor();
  await bob.page.getByRole('button', { name: 'Read again' }).click();
  await bob.page.getByRole('heading', { name: 'Deep water' }).waitFor();
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test('a note is its owner\'s alone', async () => {
  const { page } = await visit();
  await signUp(page, 'carol@example.org');
  await page.getByLabel('Note', { exact: true }).fill('mine');
  await page.getByRole('button', { name: 'Keep' }).click();
  await page.getByRole('heading', { name: 'mine' }).waitFor();
  const dave = await visit();
  await signUp(dave.page, 'dave@example.org');
  assert.equal(await dave.page.getByRole('heading', { name: 'mine' }).count(), 0);
});

test('a wrong password is told', async () => {
  const { page } = await visit();
  await page.getByLabel('E-mail').fill('nobody@example.org');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').filter({ hasText: /wrong/i }).waitFor();
});

test('the page of the API shows every operation', async () => {
  const { page, errors } = await visit('/v1/docs');
  await page.getByText('/v1/collections/posts/records/{id}').first().waitFor();
  const document = await (await fetch(`${server.base}/v1/openapi.json`)).json();
  const operations = Object.values(document.paths).flatMap((item) => Object.keys(item))
    .filter((name) => ['get', 'post', 'patch', 'put', 'delete'].includes(name));
  assert.equal(await page.locator('details').count(), operations.length);
  await page.locator('summary').first().click();
  assert.deepEqual(errors, []);
});
