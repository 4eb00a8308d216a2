export { tour } from "../../client/tour";
