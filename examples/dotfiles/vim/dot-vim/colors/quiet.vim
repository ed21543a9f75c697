highlight clear
let g:colors_name = "quiet"
