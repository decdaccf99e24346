"use strict";

const find = (id) => document.getElementById(id);
const results = []; // One for each picture: its name, and what the model said.
const waiting = [];
let about = { classes: [], threshold: 0, isProbability: true };
let isWorking = false;
let stream = null;

async function ask(path, picture, trials = 20) {
  const response = await fetch(path, { method: "POST", body: picture });
  if (response.status === 503 && trials) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return ask(path, picture, trials - 1);
  }
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Error(answer.error || `The server answered ${response.status}.`);
  }
  return response;
}

function say(text) {
  find("message").textContent = text;
}

function percent(share) {
  return `${(100 * share).toFixed(0)}%`;
}

function threshold() {
  return Number(find("threshold").value);
}

function nameOf(answer) {
  const shares = Object.entries(answer.probabilities);
  const [name, best] = shares.reduce((a, b) => (b[1] > a[1] ? b : a));
  if (best < threshold()) return "don’t know";
  // A model with a threshold of its own may have said "unknown".
  return about.classes.includes(answer.label) ? answer.label : name;
}

function statusOf(answer) {
  return answer.face === "missing"
    ? "No face is found; the picture is taken as a whole."
    : "";
}

function drawBars(place, answer) {
  place.replaceChildren();
  for (const [name, share] of Object.entries(answer.probabilities)) {
    const label = document.createElement("span");
    const bar = document.createElement("meter");
    const number = document.createElement("span");
    label.textContent = name;
    bar.value = share;
    bar.setAttribute("aria-label", `${name}: ${percent(share)}`);
    number.textContent = percent(share);
    number.className = "number";
    place.append(label, bar, number);
  }
}

function drawBox(box, answer) {
  box.hidden = !answer.box;
  if (!answer.box) return;
  const [left, top, right, bottom] = answer.box;
  box.style.left = `${(100 * left) / answer.width}%`;
  box.style.top = `${(100 * top) / answer.height}%`;
  box.style.width = `${(100 * (right - left)) / answer.width}%`;
  box.style.height = `${(100 * (bottom - top)) / answer.height}%`;
}

function show(image, picture) {
  image.src = URL.createObjectURL(picture);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
}

function addResult(file) {
  const item = find("result").content.firstElementChild.cloneNode(true);
  const result = { name: file.name, answer: null, error: "", item };
  const image = item.querySelector(".picture img");
  show(image, file);
  image.alt = file.name;
  item.querySelector(".file").textContent = file.name;
  item.querySelector(".label").textContent = "...";
  item.querySelector(".why").addEventListener("click", () => explain(item, file));
  find("results").append(item);
  results.push(result);
  find("save").disabled = find("clear").disabled = false;
  return result;
}

function showResult(result) {
  const { item, answer, error } = result;
  item.querySelector(".label").textContent = error ? "" : nameOf(answer);
  item.querySelector(".status").textContent = error || statusOf(answer);
  item.querySelector(".why").hidden = Boolean(error);
  if (error) {
    item.querySelector(".picture").hidden = true;
    return;
  }
  drawBars(item.querySelector(".bars"), answer);
  drawBox(item.querySelector(".box"), answer);
}

async function explain(item, file) {
  const button = item.querySelector(".why");
  button.disabled = true;
  try {
    const response = await ask("explain", file);
    const map = item.querySelector(".map");
    show(map.querySelector("img"), await response.blob());
    map.hidden = false;
    button.hidden = true;
  } catch (error) {
    item.querySelector(".status").textContent = error.message;
    button.disabled = false;
  }
}

async function work() {
  if (isWorking) return;
  isWorking = true;
  while (waiting.length) {
    const [file, result] = waiting.shift();
    say(`${waiting.length + 1} to do`);
    try {
      result.answer = await (await ask("classify", file)).json();
    } catch (error) {
      result.error = error.message;
    }
    showResult(result);
  }
  isWorking = false;
  say("");
}

function take(files) {
  for (const file of files) waiting.push([file, addResult(file)]);
  work();
}

function quoted(value) {
  // A cell that begins like a formula would be run by spreadsheets.
  const text = String(value).replace(/^([=+\-@\t\r])/, "'$1");
  return `"${text.replaceAll('"', '""')}"`;
}

function saveTable() {
  const kind = about.isProbability ? "probability" : "share";
  const head = ["file", "left", "top", "right", "bottom", "label"];
  const lines = [[...head, ...about.classes.map((name) => `${kind}_${name}`), "status"]];
  for (const { name, answer, error } of results) {
    if (!answer) {
      const empty = Array(head.length - 1 + about.classes.length).fill("");
      lines.push([name, ...empty, error || "not classified yet"]);
      continue;
    }
    const box = answer.box || ["", "", "", ""];
    const shares = about.classes.map((one) => answer.probabilities[one]);
    lines.push([name, ...box, nameOf(answer), ...shares, statusOf(answer) || "ok"]);
  }
  const text = lines.map((line) => line.map(quoted).join(",")).join("\r\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = "table.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function clearAll() {
  waiting.length = results.length = 0;
  find("results").replaceChildren();
  find("save").disabled = find("clear").disabled = true;
}

async function watch(mine) {
  const video = find("video");
  const canvas = document.createElement("canvas");
  const times = [];
  while (stream === mine) {
    if (!video.videoWidth) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const picture = await new Promise((resolve) =>
      canvas.toBlob(resolve, "image/jpeg", 0.9)
    );
    const begun = performance.now();
    try {
      const answer = await (await ask("classify", picture)).json();
      if (stream !== mine) return;
      const label = answer.face === "missing" ? "no face" : nameOf(answer);
      // A screen reader hears changes only.
      if (find("live-label").textContent !== label) find("live-label").textContent = label;
      if (answer.face === "missing") find("live-bars").replaceChildren();
      else drawBars(find("live-bars"), answer);
      drawBox(find("live-box"), answer);
      times.push(performance.now());
      if (times.length > 20) times.shift();
      const rate = (1000 * (times.length - 1)) / (times.at(-1) - times[0]);
      find("live-speed").textContent =
        `${times.length > 1 ? rate.toFixed(1) : "..."} pictures a second, ` +
        `${(performance.now() - begun).toFixed(0)} ms each`;
    } catch (error) {
      say(error.message);
      stopCamera();
    }
  }
}

async function startCamera() {
  if (!navigator.mediaDevices) {
    say("Browsers give the webcam only to pages of this computer, or over https.");
    return;
  }
  find("camera").disabled = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: true });
  } catch (error) {
    say(`The webcam can't be used (${error.name}). Allow it in the browser.`);
    return;
  } finally {
    find("camera").disabled = false;
  }
  for (const track of stream.getTracks()) track.addEventListener("ended", stopCamera);
  find("video").srcObject = stream;
  find("live").hidden = false;
  find("camera").textContent = "Stop the webcam";
  watch(stream);
}

function stopCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  find("live").hidden = true;
  find("camera").textContent = "Start the webcam";
}

async function begin() {
  about = await (await fetch("about")).json();
  find("name").textContent = about.name;
  document.title = about.name;
  find("card").textContent = about.card || "This model comes without a card.";
  find("threshold").value = about.threshold;
  showThreshold();
}

function showThreshold() {
  find("threshold-shown").textContent = percent(threshold());
  for (const result of results) if (result.answer) showResult(result);
}

find("files").addEventListener("change", (event) => {
  take(event.target.files);
  event.target.value = "";
});
find("threshold").addEventListener("input", showThreshold);
find("save").addEventListener("click", saveTable);
find("clear").addEventListener("click", clearAll);
find("camera").addEventListener("click", () => (stream ? stopCamera() : startCamera()));
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    find("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files);
  });
}
begin().catch((error) => say(error.message));
