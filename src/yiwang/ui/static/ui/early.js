// Runs before the first paint: tells the style sheet that scripts work. Everything else waits for public.js.
document.documentElement.classList.add("js");
