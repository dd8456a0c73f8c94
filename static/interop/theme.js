// Runs before the first paint: the theme this person chose on this device, else the device's own.
const chosen = localStorage.getItem("interop.theme");
if (chosen) document.documentElement.dataset.theme = chosen;
