// Why: what is chosen for a post of our own stands in its draft at once, so that it can be seen and described; and what
// is larger than the server takes never costs the words beside it.

const field = document.getElementById("post-pictures");
const wrong = document.getElementById("post-pictures-wrong");
const ROOM = 100_000; // for the words beside the files

field?.addEventListener("change", () => {
  const size = [...field.files].reduce((sum, file) => sum + file.size, 0);
  wrong.hidden = size + ROOM <= Number(field.dataset.mostBytes);
  if (!wrong.hidden) field.value = "";
  else if (size && field.form.checkValidity()) field.form.requestSubmit(field.form.querySelector('[value="add"]'));
});
