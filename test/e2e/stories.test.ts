// Each of these mostly waits for the queues. As one file they wait together.
// oxlint-disable import/no-unassigned-import
import "./stories/catching-up";
import "./stories/faults";
import "./stories/lanes";
import "./stories/ndjson";
import "./stories/retries";
import "./stories/send-test";
import "./stories/signatures";
