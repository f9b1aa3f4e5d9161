igaku.put("pairs-text-mini-en",{"names":["smollm2-135m-instruct","gemma-3-270m"],"corrected":2,"rows":[[0,1,19.5,17.7,1.8,-2.8,6.4,96,"0.463",0,0]]});
