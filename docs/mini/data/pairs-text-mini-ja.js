igaku.put("pairs-text-mini-ja",{"names":["gemma-3-270m","smollm2-135m-instruct"],"corrected":2,"rows":[[0,1,19.0,17.3,1.7,-1.1,4.5,96,"0.463",0,0]]});
