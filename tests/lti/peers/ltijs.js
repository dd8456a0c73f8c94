// A learning tool on ltijs, which most tools on Node use: all that is LTI is the library's. It registers itself with the
// platform whose registration link is opened. `node ltijs.js '{"address": …, "here": …}'` serves it; see running.py.
"use strict";

const { readFileSync } = require("node:fs");
const { randomBytes } = require("node:crypto");
const { join } = require("node:path");
const { Provider: lti } = require("ltijs");

const told = JSON.parse(process.argv[2]);
const NAME = "Quiz Harbor";
const QUIZZES = { shares: "Equal shares", prices: "Best prices" };
// What may equal 3/4, and whether it does: five points for each that is told rightly.
const EQUAL = { "6/8": true, "9/12": true, "3/5": false, 0.75: true };

// What ltijs keeps, kept in memory: its own stores are database servers.
class Memory {
  #rows = {};

  #found(kind, query = {}) {
    const fits = ({ index }) => Object.entries(query).every(([name, value]) => index[name] === value);
    return (this.#rows[kind] ??= []).filter(fits);
  }

  async setup() {
    return true;
  }

  async Close() {
    return true;
  }

  async Get(_key, kind, query) {
    const found = this.#found(kind, query).map(({ item, createdAt }) => ({ ...item, createdAt }));
    return found.length > 0 && found;
  }

  async Insert(_key, kind, item, index = item) {
    (this.#rows[kind] ??= []).push({ item, index: { ...index }, createdAt: Date.now() });
    return true;
  }

  async Replace(key, kind, query, item, index) {
    await this.Delete(kind, query);
    return this.Insert(key, kind, item, index);
  }

  async Modify(_key, kind, query, change) {
    this.#found(kind, query).forEach((row) => [row.item, row.index].forEach((each) => Object.assign(each, change)));
    return true;
  }

  async Delete(kind, query) {
    const gone = new Set(this.#found(kind, query));
    this.#rows[kind] = this.#rows[kind].filter((row) => !gone.has(row));
    return true;
  }
}

const page = (title, body) => {
  const values = { title, tool: NAME, here: told.here, body };
  return readFileSync(join(__dirname, "page.html"), "utf8").replace(/\{(\w+)\}/g, (_all, name) => values[name]);
};
const box = ([name, label]) => `<label><input type="checkbox" name="ticked" value="${name}"> ${label}</label>`;
const form = (action, ltik, body, button) =>
  `<form method="post" action="${told.here}/${action}">
     <input type="hidden" name="ltik" value="${ltik}">${body}<button>${button}</button></form>`;
const ticked = (request) => [request.body.ticked ?? []].flat();

lti.setup(
  randomBytes(32).toString("hex"),
  { plugin: new Memory() },
  {
    appRoute: "/launch",
    dynRegRoute: "/register",
    // It knows its launches by a cookie, which browsers keep from the frame of another site; so it goes without here.
    devMode: true,
    dynReg: { url: told.here, name: NAME, autoActivate: true },
  },
);
lti.whitelist("/page.css");
lti.app.get("/page.css", (_request, response) => response.sendFile(join(__dirname, "page.css")));

lti.onDeepLinking((_token, _request, response) =>
  response.send(
    page("Choose a quiz", form("choose", response.locals.ltik, Object.entries(QUIZZES).map(box).join(""), "Use these quizzes")),
  ),
);

lti.app.post("/choose", async (request, response) => {
  const items = ticked(request).map((quiz) => ({
    type: "ltiResourceLink",
    url: `${told.here}/launch`,
    title: QUIZZES[quiz],
    custom: { quiz },
    lineItem: { scoreMaximum: 20, label: QUIZZES[quiz], resourceId: quiz },
  }));
  response.send(await lti.DeepLinking.createDeepLinkingForm(response.locals.token, items, {}));
});

lti.onConnect(async (token, _request, response) => {
  const { title } = token.platformContext.resource;
  if (token.platformContext.roles.some((role) => role.endsWith("#Instructor"))) {
    response.send(page(`${title}: the class`, await roster(token)));
    return;
  }
  const boxes = Object.keys(EQUAL).map((each) => box([each, each]));
  response.send(
    page(title, form("answer", response.locals.ltik, `<p>Tick everything that equals 3/4.</p>${boxes.join("")}`, "Hand in")),
  );
});

lti.app.post("/answer", async (request, response) => {
  const { token } = response.locals;
  const rightly = Object.entries(EQUAL).filter(([each, right]) => ticked(request).includes(each) === right);
  const score = 5 * rightly.length;
  await lti.Grade.submitScore(token, token.platformContext.endpoint.lineitem, {
    userId: token.user,
    scoreGiven: score,
    scoreMaximum: 20,
    activityProgress: "Completed",
    gradingProgress: "FullyGraded",
    comment: "Look at 0.75 once more.",
  });
  response.send(page("Handed in", `<p>${score} of 20 points. Your teacher’s grade book knows.</p>`));
});

// Who is in the class (NRPS) and what the platform holds of their scores (AGS).
const roster = async (token) => {
  const { scores } = await lti.Grade.getScores(token, token.platformContext.endpoint.lineitem);
  const { members } = await lti.NamesAndRoles.getMembers(token);
  const results = Object.fromEntries(scores.map((each) => [each.userId, `${each.resultScore} of 20`]));
  const rows = members.map(
    (each) => `<tr><td>${each.name}</td><td>${each.roles[0].split("#")[1]}</td><td>${results[each.user_id] ?? ""}</td></tr>`,
  );
  return `<table><tr><th>Name</th><th>Role</th><th>Score</th></tr>${rows.join("")}</table>`;
};

lti.deploy({ serverless: true, silent: true }).then(() => {
  lti.app.listen(new URL(told.here).port, told.address);
});
